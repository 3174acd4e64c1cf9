import fc from 'fast-check';
import type { Alteration, ColumnClause, DeclaredColumn } from '../../domain/alteration';
import { alterTable } from '../../engines/mysql/alterTable';
import { column, INT } from '../helpers/catalogs';

const plain = (name: string, type: string): DeclaredColumn => ({ name, type, nullable: true, default: 'none' });

describe('a statement that is read', () => {
  const read = (sql: string): readonly ColumnClause[] | undefined => alterTable.read(sql)?.clauses;

  test.each<[string, ColumnClause[]]>([
    [
      "ALTER TABLE shop.`t` ADD COLUMN `a b` VARCHAR(20) CHARACTER SET latin1 COLLATE latin1_bin NULL COMMENT 'it''s'",
      [{ kind: 'add', column: plain('a b', 'varchar(20)'), place: 'last', unlessThere: false }],
    ],
    [
      'alter online table if exists t add if not exists n integer(11) unsigned not null default -1 after `m`, algorithm=instant, lock = none;',
      [
        {
          kind: 'add',
          column: { name: 'n', type: 'int unsigned', nullable: false, default: 'value' },
          place: { after: 'm' },
          unlessThere: true,
        },
      ],
    ],
    [
      'ALTER TABLE t ADD (a BOOL, b NUMERIC(8)) /* two */, DROP `c` -- and one\n, DROP COLUMN IF EXISTS d CASCADE',
      [
        { kind: 'add', column: plain('a', 'tinyint(1)'), place: 'last', unlessThere: false },
        { kind: 'add', column: plain('b', 'decimal(8,0)'), place: 'last', unlessThere: false },
        { kind: 'drop', column: 'c', ifThere: false },
        { kind: 'drop', column: 'd', ifThere: true },
      ],
    ],
    ['ALTER TABLE t RENAME COLUMN a TO "b"', [{ kind: 'rename', column: 'a', to: 'b', ifThere: false }]],
    [
      "ALTER TABLE t WAIT 5 CHANGE a b ENUM('x','y,''') DEFAULT 'x' FIRST",
      [
        {
          kind: 'declare',
          column: 'a',
          declared: { name: 'b', type: `enum["x","y,'"]`, nullable: true, default: 'value' },
          place: 'first',
          ifThere: false,
        },
      ],
    ],
    [
      'ALTER TABLE t MODIFY COLUMN IF EXISTS a DATETIME(0) DEFAULT NULL',
      [
        {
          kind: 'declare',
          column: 'a',
          declared: { name: 'a', type: 'datetime', nullable: true, default: 'null' },
          place: null,
          ifThere: true,
        },
      ],
    ],
    [
      "ALTER TABLE t ADD a DOUBLE PRECISION DEFAULT 1.5, ADD b BIT(3) DEFAULT b'101', ADD c BINARY DEFAULT 0x00",
      [
        { kind: 'add', column: { ...plain('a', 'double'), default: 'value' }, place: 'last', unlessThere: false },
        { kind: 'add', column: { ...plain('b', 'bit(3)'), default: 'value' }, place: 'last', unlessThere: false },
        { kind: 'add', column: { ...plain('c', 'binary(1)'), default: 'value' }, place: 'last', unlessThere: false },
      ],
    ],
  ])('%s', (sql, clauses) => {
    expect(read(sql)).toEqual(clauses);
  });
});

test.each([
  'CREATE INDEX i ON t (a)',
  'ALTER TABLE t',
  'ALTER TABLE t ADD INDEX (a)',
  'ALTER TABLE t ADD UNIQUE u (a)',
  'ALTER TABLE t ADD COLUMN a INT PRIMARY KEY',
  'ALTER TABLE t ADD COLUMN a INT AUTO_INCREMENT',
  'ALTER TABLE t ADD COLUMN a INT AS (b + 1)',
  'ALTER TABLE t ADD COLUMN a INT GENERATED ALWAYS AS (b) STORED',
  'ALTER TABLE t ADD COLUMN a INT DEFAULT (b)',
  'ALTER TABLE t ADD COLUMN a TIMESTAMP DEFAULT CURRENT_TIMESTAMP',
  'ALTER TABLE t ADD COLUMN a DATETIME DEFAULT NOW() ON UPDATE NOW()',
  'ALTER TABLE t ADD COLUMN a INT REFERENCES u (id)',
  'ALTER TABLE t ADD COLUMN a INT CHECK (a > 0)',
  'ALTER TABLE t ADD COLUMN a INT ZEROFILL',
  'ALTER TABLE t ADD COLUMN a POINT',
  "ALTER TABLE t ADD COLUMN a SET('x')",
  'ALTER TABLE t ADD COLUMN a TEXT(100)',
  'ALTER TABLE t ADD COLUMN a FLOAT(30)',
  "ALTER TABLE t ADD COLUMN a VARCHAR(9) DEFAULT 'a\\'b'",
  "ALTER TABLE t ADD COLUMN a VARCHAR(9) DEFAULT _latin1'a'",
  'ALTER TABLE t ADD COLUMN a INT /*!80000 INVISIBLE */',
  'ALTER TABLE t ADD COLUMN a INT INVISIBLE',
  'ALTER TABLE t DROP PRIMARY KEY',
  'ALTER TABLE t DROP FOREIGN KEY f',
  'ALTER TABLE t DROP PARTITION p',
  'ALTER TABLE t RENAME TO u',
  'ALTER TABLE t RENAME INDEX a TO b',
  'ALTER TABLE t CONVERT TO CHARACTER SET utf8mb4',
  'ALTER TABLE t ALTER COLUMN a SET DEFAULT 1',
  'ALTER TABLE t ADD COLUMN a INT; DROP TABLE t',
  'ALTER TABLE t ADD COLUMN a INT,',
  "ALTER TABLE t ADD COLUMN a VARCHAR(9) DEFAULT 'never ends",
  'SET STATEMENT max_statement_time = 1 FOR ALTER TABLE t ADD a INT',
  'TRUNCATE TABLE t',
])('is only shown, not read: %s', (sql) => {
  expect(alterTable.read(sql)).toBeNull();
});

test('a declared type is found again in what catalogs say of it', () => {
  const is = (type: string, declaredType: string): boolean =>
    alterTable.declares(plain('a', type), column('a', declaredType, INT));
  expect(is('int unsigned', 'int(10) unsigned')).toBe(true);
  expect(is('int unsigned', 'int unsigned')).toBe(true);
  expect(is('int', 'int(10) unsigned')).toBe(false);
  expect(is('tinyint(1)', 'tinyint(1)')).toBe(true);
  expect(is('tinyint', 'tinyint(4)')).toBe(true);
  expect(is('tinyint', 'tinyint(1)')).toBe(false);
  expect(is('year', 'year(4)')).toBe(true);
  expect(is('json', 'longtext')).toBe(true);
  expect(is('decimal(10,0)', 'decimal(10,0)')).toBe(true);
  expect(is('enum["a","b\'"]', "enum('a','b''')")).toBe(true);
  expect(is('enum["a"]', "enum('a','b')")).toBe(false);
  expect(is('varchar(5)', 'varchar(6)')).toBe(false);
});

/** Spells what it is given in one of the ways that mean the same. */
interface Speller {
  readonly pick: <T>(...ways: readonly T[]) => T;
}

const TYPES: readonly (readonly [type: string, ...spellings: string[]])[] = [
  ['int', 'INT', 'integer', 'int(11)', 'INT SIGNED'],
  ['bigint unsigned', 'BIGINT UNSIGNED', 'bigint(20) unsigned'],
  ['tinyint(1)', 'BOOL', 'boolean', 'TINYINT(1)'],
  ['decimal(10,0)', 'DECIMAL', 'numeric(10)', 'dec(10, 0)'],
  ['varchar(40)', 'varchar(40)', 'VARCHAR ( 40 )', "varchar(40) character set utf8mb4 collate 'utf8mb4_bin'"],
  ['char(1)', 'CHAR', 'character(1)'],
  ['datetime', 'DATETIME', 'datetime(0)'],
  ['timestamp(3)', 'timestamp(3)'],
  ['double', 'DOUBLE', 'double precision'],
  ['enum["a","b c","d\'e"]', "ENUM('a','b c','d''e')", `enum("a", 'b c', "d'e")`],
  ['json', 'JSON'],
];
const CONSTANTS = [
  "'a'",
  "'it''s'",
  '"x"',
  '-1',
  '+2.50',
  '1e3',
  '1e-7',
  '-2.5E+3',
  '1.5e6',
  'TRUE',
  "x'4142'",
  "B'1'",
  '0xff',
];

function sqlOf({ table, clauses }: Alteration, { pick }: Speller): string {
  const space = (): string => pick(' ', '  ', '\n', '\t', ' /* a -- b */ ', ' # c\n', ' -- d\n');
  const word = (text: string): string => pick(text, text.toLowerCase());
  const name = (text: string): string => {
    const quoted = `\`${text.replaceAll('`', '``')}\``;
    return /^[a-z]\w*$/.test(text) && !/^(?:first|after|column|if)$/.test(text) ? pick(text, quoted) : quoted;
  };
  const join = (...words: readonly string[]): string => words.filter((each) => each !== '').join(space());
  const spelled = (type: string): string => pick(...(TYPES.find(([each]) => each === type)?.slice(1) ?? []));
  const declaration = ({ type, nullable, default: given }: DeclaredColumn): string =>
    join(
      spelled(type),
      nullable ? pick('', word('NULL')) : word('NOT NULL'),
      given === 'none' ? '' : join(word('DEFAULT'), given === 'null' ? word('NULL') : pick(...CONSTANTS)),
      pick('', join(word('COMMENT'), "'of a column, 1'")),
    );
  const place = (at: Extract<ColumnClause, { kind: 'declare' }>['place']): string =>
    at === null || at === 'last' ? '' : at === 'first' ? word('FIRST') : join(word('AFTER'), name(at.after));
  const column = (): string => pick('', word('COLUMN'));
  const exists = (there: boolean): string => (there ? word('IF EXISTS') : '');
  const clause = (each: ColumnClause): string => {
    switch (each.kind) {
      case 'add': {
        const unless = each.unlessThere ? word('IF NOT EXISTS') : '';
        return join(word('ADD'), column(), unless, name(each.column.name), declaration(each.column), place(each.place));
      }
      case 'drop':
        return join(word('DROP'), column(), exists(each.ifThere), name(each.column), pick('', word('RESTRICT')));
      case 'rename':
        return join(word('RENAME'), word('COLUMN'), exists(each.ifThere), name(each.column), word('TO'), name(each.to));
      case 'declare': {
        const { column: former, declared } = each;
        const names = former === declared.name ? pick(join(word('MODIFY'), column()), '') : '';
        const head =
          names === ''
            ? join(word('CHANGE'), column(), exists(each.ifThere), name(former), name(declared.name))
            : join(names, exists(each.ifThere), name(former));
        return join(head, declaration(declared), place(each.place));
      }
    }
  };
  const how = pick('', `,${space()}ALGORITHM=INPLACE`, `${space()}, lock = ${word('NONE')}`);
  return `${word('ALTER TABLE')}${space()}${pick('', '`d`.', 'd . ')}${name(table)}${space()}${clauses
    .map(clause)
    .join(pick(',', ' ,\n'))}${how}${pick('', ';')}`;
}

const names = fc.constantFrom('a', 'b1', 'first', 'a b', 'ü', 'x`y', 'column', 'DROP', "it's", 'select');
const declared = fc.record<DeclaredColumn>({
  name: names,
  type: fc.constantFrom(...TYPES.map(([type]) => type)),
  nullable: fc.boolean(),
  default: fc.constantFrom('none', 'null', 'value'),
});
const places = fc.oneof(fc.constant('first' as const), fc.record({ after: names }));
const clauses: fc.Arbitrary<ColumnClause> = fc.oneof(
  fc.record({
    kind: fc.constant('add' as const),
    column: declared,
    place: fc.oneof(fc.constant('last' as const), places),
    unlessThere: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('drop' as const), column: names, ifThere: fc.boolean() }),
  fc.record({ kind: fc.constant('rename' as const), column: names, to: names, ifThere: fc.boolean() }),
  fc.record({
    kind: fc.constant('declare' as const),
    column: names,
    declared,
    place: fc.oneof(fc.constant(null), places),
    ifThere: fc.boolean(),
  }),
);

test('whatever changes are written, and however they are spelled, they are read as they were meant', () => {
  const alterations = fc.record({ table: names, clauses: fc.array(clauses, { minLength: 1, maxLength: 4 }) });
  fc.assert(
    fc.property(alterations, fc.infiniteStream(fc.nat()), (alteration, numbers) => {
      const pick = <T>(...ways: readonly T[]): T => ways[(numbers.next().value as number) % ways.length] as T;
      const sql = sqlOf(alteration, { pick });
      expect([sql, alterTable.read(sql)]).toEqual([sql, alteration]);
    }),
    { numRuns: 2_000 },
  );
});

test('no text makes the reader fail', () => {
  const pieces = fc.constantFrom(
    'ALTER',
    'TABLE',
    't',
    'ADD',
    'a',
    'INT',
    '(',
    ')',
    ',',
    "'",
    '`',
    '"',
    '\\',
    ';',
    '/*',
    '.',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(pieces, fc.string()), { maxLength: 12 }), (words) => {
      alterTable.read(words.join(' '));
    }),
  );
});
