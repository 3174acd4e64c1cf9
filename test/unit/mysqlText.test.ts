import fc from 'fast-check';
import { readForeignKeys } from '../../engines/mysql/definitions';
import { toMigrationError } from '../../engines/mysql/errors';
import { readServer } from '../../engines/mysql/flavour';
import { readGrant } from '../../engines/mysql/grants';
import { readEscapedExpression, readLiteral, readLiterals } from '../../engines/mysql/literals';
import { quoteName, quoteText } from '../../engines/mysql/quote';

describe('what MySQL and MariaDB print', () => {
  test('as a quoted literal reads back as the text it was made of', () => {
    const printed = (text: string): string =>
      `'${text.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll('\n', '\\n').replaceAll('\0', '\\0')}'`;
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }), (texts) => {
        expect(readLiterals(texts.map(printed).join(','))).toEqual(texts);
        expect(readLiteral(printed(texts[0]!))).toBe(texts[0]);
        expect(readLiteral(quoteText(texts[0]!))).toBe(texts[0]);
      }),
    );
  });

  test.each(['', 'x', "'a' || 'b'", "'a','b'", "'open", "concat('a')", "'a\\'"])('%s is not one literal', (text) => {
    expect(readLiteral(text)).toBeNull();
  });

  test('as an escaped expression reads back as SQL', () => {
    expect(readEscapedExpression("concat(`q`,_utf8mb4\\'x\\\\\\'y\\\\\\\\\\')")).toBe(
      "concat(`q`,_utf8mb4'x\\'y\\\\')",
    );
  });

  test.each([
    ['8.0.36-28', 'Percona Server', 'MySQL 8.0.36', 80036],
    ['9.7.4-2', '(Debian)', 'MySQL 9.7.4', 90704],
    ['10.11.11-MariaDB-0+deb12u1-log', 'Debian 12', 'MariaDB 10.11.11', 101111],
    ['5.5.5-10.6.18-MariaDB', '', 'MariaDB 10.6.18', 100618],
    ['11.4.2', 'mariadb.org binary distribution', 'MariaDB 11.4.2', 110402],
  ])('as its version %s (%s) is %s', (version, comment, name, number) => {
    expect(readServer(version, comment)).toMatchObject({ name, version: number });
  });

  test('as a table shows its foreign keys, whatever their names, and no comment that looks like one', () => {
    const definition = [
      'CREATE TABLE `t` (',
      "  `a` int DEFAULT NULL COMMENT 'x\\n  CONSTRAINT `no` FOREIGN KEY (`a`) REFERENCES `p` (`a`)',",
      '  PRIMARY KEY (`a`),',
      '  CONSTRAINT `one` FOREIGN KEY (`a`) REFERENCES `p` (`x`) ON DELETE CASCADE ON UPDATE SET NULL,',
      '  CONSTRAINT `odd ``), ( name` FOREIGN KEY (`a, b`, `c``(d)`) REFERENCES `other db`.`p``q` (`x`, `y)`) ON UPDATE RESTRICT,',
      '  CONSTRAINT `to `parent` FOREIGN KEY (`a`b`, `c`) REFERENCES `p` (`x`, `y`),',
      '  CONSTRAINT `plain` FOREIGN KEY (`b`) REFERENCES `t` (`a`),',
      '  CONSTRAINT `check` CHECK ((`a` > 0))',
      ') ENGINE=InnoDB',
    ].join('\n');
    const none = 'NO ACTION';
    expect(readForeignKeys(definition)).toEqual([
      key('one', ['a'], null, 'p', ['x'], 'CASCADE', 'SET NULL'),
      key('odd `), ( name', ['a, b', 'c`(d)'], 'other db', 'p`q', ['x', 'y)'], none, 'RESTRICT'),
      key('to `parent', ['a`b', 'c'], null, 'p', ['x', 'y'], none, none),
      key('plain', ['b'], null, 't', ['a'], none, none),
    ]);
  });

  test.each([
    [
      'GRANT SELECT, SHOW VIEW ON `shop`.* TO `u`@`%`',
      { privileges: ['SELECT', 'SHOW VIEW'], database: 'shop', table: '*' },
    ],
    [
      'GRANT ALL PRIVILEGES ON *.* TO `u`@`%` WITH GRANT OPTION',
      { privileges: ['ALL PRIVILEGES'], database: '*', table: '*' },
    ],
    [
      'GRANT SELECT (`a`, `b`), INSERT ON `s`.`odd ``t` TO `u`@`%`',
      { privileges: ['SELECT (COLUMNS)', 'INSERT'], database: 's', table: 'odd `t' },
    ],
    ['GRANT `role`@`%` TO `u`@`%`', null],
    ['GRANT PROXY ON ``@`` TO `root`@`localhost` WITH GRANT OPTION', null],
    ['GRANT EXECUTE ON PROCEDURE `s`.`p` TO `u`@`%`', null],
  ])('as a grant: %s', (line, expected) => {
    const grant = readGrant(line);
    expect(grant === null ? null : { ...grant, privileges: [...grant.privileges] }).toEqual(expected);
  });

  test('is quoted so that no name ends its quotes', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        expect(quoteName(name).slice(1, -1).replaceAll('``', '')).not.toContain('`');
      }),
    );
  });
});

function key(
  name: string,
  columns: string[],
  referencedSchema: string | null,
  referencedTable: string,
  referencedColumns: string[],
  onDelete: string,
  onUpdate: string,
) {
  return { name, columns, referencedSchema, referencedTable, referencedColumns, onDelete, onUpdate };
}

describe('an error of the driver or the server', () => {
  test.each([
    [
      'connect',
      "Access denied for user 'zoe'@'10.0.0.9' (using password: YES)",
      { errno: 1045 },
      'LOGIN_REFUSED',
      false,
    ],
    ['connect', "Access denied for user 'zoe'@'%' to database 'shop'", { errno: 1044 }, 'PRIVILEGE_MISSING', false],
    ['connect', "Unknown database 'shop'", { errno: 1049 }, 'CONNECTION_INVALID', false],
    ['connect', 'Too many connections', { errno: 1040 }, 'SERVER_BUSY', true],
    ['connect', 'connect ECONNREFUSED 10.0.0.9:3306', { errno: -111, code: 'ECONNREFUSED' }, 'CONNECTION_FAILED', true],
    ['connect', 'getaddrinfo ENOTFOUND db.example', { code: 'ENOTFOUND' }, 'CONNECTION_FAILED', true],
    ['connect', 'connect ETIMEDOUT', { code: 'ETIMEDOUT' }, 'CONNECTION_FAILED', true],
    ['connect', '10.0.0.9 is not in the certificate', { code: 'HANDSHAKE_SSL_ERROR' }, 'CONNECTION_FAILED', true],
    ['use', 'read ECONNRESET', { code: 'ECONNRESET', errno: -104 }, 'CONNECTION_LOST', true],
    ['use', 'Connection lost', { code: 'PROTOCOL_CONNECTION_LOST' }, 'CONNECTION_LOST', true],
    ['use', 'Query execution was interrupted', { errno: 1317 }, 'SERVER_BUSY', true],
    [
      'use',
      "SELECT command denied to user 'zoe'@'10.0.0.9' for table 't'",
      { errno: 1142 },
      'PRIVILEGE_MISSING',
      false,
    ],
    ['use', 'You have an error in your SQL syntax', { errno: 1064 }, 'STATEMENT_FAILED', false],
  ] as const)('in %s: "%s" %j becomes %s', (during, message, rest, code, retryable) => {
    const ours = toMigrationError(Object.assign(new Error(message), rest), 'shop_source', during);
    expect([ours.code, ours.retryable]).toEqual([code, retryable]);
    expect(`${ours.message} ${JSON.stringify(ours.details)}`).not.toMatch(/zoe|10\.0\.0\.9|db\.example|'shop'/);
    expect(ours.message).toContain('connection "shop_source"');
    expect(ours.cause).toBeUndefined();
  });
});
