import { privilegeName, readGrantLine, writesOf } from '../../engines/mysql/accounts/grantText';

describe('a line of SHOW GRANTS', () => {
  test.each([
    ['GRANT USAGE ON *.* TO `a`@`%`', { level: 'server', database: null, privileges: ['USAGE'], on: '*.*' }],
    [
      'GRANT SELECT, INSERT (`id`, `n ON ``x``.*`), UPDATE (`n`) ON `shop`.`t` TO `a`@`%`',
      { level: 'table', on: '`shop`.`t`', privileges: ['SELECT', 'INSERT (`id`, `n ON ``x``.*`)', 'UPDATE (`n`)'] },
    ],
    [
      'GRANT CREATE TEMPORARY TABLES, LOCK TABLES ON `a``b\\_%`.* TO `a`@`%` WITH GRANT OPTION',
      {
        level: 'database',
        database: 'a`b\\_%',
        grantOption: true,
        privileges: ['CREATE TEMPORARY TABLES', 'LOCK TABLES'],
      },
    ],
    [
      'GRANT EXECUTE ON PROCEDURE `shop`.`p` TO `a`@`%`',
      { level: 'routine', on: 'PROCEDURE `shop`.`p`', privileges: ['EXECUTE'] },
    ],
    [
      "GRANT ALL PRIVILEGES ON *.* TO `a`@`%` IDENTIFIED BY PASSWORD '*0' WITH GRANT OPTION",
      { level: 'server', privileges: ['ALL PRIVILEGES'], grantOption: true },
    ],
    ['GRANT INSERT ON `shop`.* TO PUBLIC', { level: 'database', database: 'shop', privileges: ['INSERT'] }],
    ['REVOKE INSERT, DELETE ON `shop`.* FROM `a`@`%`', { kind: 'partialRevoke', database: 'shop' }],
    ['GRANT `r`@`%`,`ö ``s`@`h` TO `a`@`%`', { kind: 'roles', roles: ['`r`@`%`', '`ö ``s`@`h`'] }],
    ['GRANT `r` TO `a`@`%` WITH ADMIN OPTION', { kind: 'roles', roles: ['`r`'] }],
    ["GRANT PROXY ON 'b'@'%' TO 'a'@'%'", { kind: 'roles', roles: ['`b`@`%`'] }],
  ])('%s', (line, meaning) => {
    expect(readGrantLine(line)).toMatchObject(meaning);
  });

  test('writes by whatever is not known to read only, with the columns it is for', () => {
    const writes = (line: string): string[] => {
      const read = readGrantLine(line);
      if (read?.kind !== 'privileges') throw new Error(`not read: ${line}`);
      return writesOf(read, 'mariadb');
    };
    expect(writes('GRANT SELECT (`a`), UPDATE (`a`), SHOW VIEW, NEW RIGHT ON `s`.`t` TO `a`@`%`')).toEqual([
      'UPDATE (`a`)',
      'NEW RIGHT',
    ]);
    expect(writes('GRANT SELECT, RELOAD, PROCESS, EXECUTE ON *.* TO `a`@`%`')).toEqual(['EXECUTE']);
    expect(writes('GRANT ALL PRIVILEGES ON `s`.* TO `a`@`%`')).toEqual(
      expect.arrayContaining(['INSERT', 'EVENT', 'DELETE HISTORY', 'EXECUTE']),
    );
    expect(privilegeName('UPDATE (`a`)')).toBe('UPDATE');
  });
});
