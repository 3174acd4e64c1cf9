import type { Finding } from '../../../domain/finding';
import { AccountsStage } from '../../helpers/accountsStage';
import { openSource, settingsOf, FLAVOURS } from '../mysqlSource/stage';

describe.each(FLAVOURS)('preflight of a freeze by accounts of %s', (flavour) => {
  let stage: AccountsStage;
  beforeAll(async () => {
    stage = await AccountsStage.open(flavour);
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  async function findings(user: string, mode: 'accounts' | 'readOnly' = 'accounts'): Promise<Finding[]> {
    await using source = await openSource(settingsOf(stage.url(user)));
    return await source.preflight(mode);
  }

  const blocking = (all: Finding[]): Finding[] => all.filter(({ severity }) => severity === 'blocking');

  test('has nothing against a login with the documented rights, and tells of each account what becomes of it', async () => {
    const all = await findings('mover');
    expect(blocking(all)).toEqual([]);
    const stopped = all
      .filter(({ code }) => code === 'FREEZE_STOPS')
      .map(({ severity, source }) => `${severity}: ${source}`);
    for (const told of [
      'warning: `admin`@`%` is locked',
      'warning: `root`@`localhost` is locked',
      'warning: `everywhere`@`%` is locked',
      'info: INSERT (`n`, `note`), UPDATE (`note`) on `shop`.`t` are revoked from `columns`@`%`',
      'info: EXECUTE on PROCEDURE `shop`.`add_one` are revoked from `caller`@`%`',
      `info: INSERT on \`shop\`.* are revoked from \`writers\`${flavour === 'mysql' ? '@`%`' : ''}`,
    ])
      expect(stopped.map((line) => line.replace('`note`, `n`', '`n`, `note`'))).toContain(told);
    expect(stopped.join()).not.toMatch(/neighbour|reader|member|mover|mysql\.|mariadb\.|`locked`/);
  });

  test('names each right that is missing, by the statement that grants it, until nothing is', async () => {
    await stage.run(
      'admin',
      "CREATE USER newcomer@'%' IDENTIFIED BY 'x'; GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON shop.* TO newcomer@'%'",
    );
    const granted: string[] = [];
    for (let round = 0; round < 3; round += 1) {
      const missing = blocking(await findings('newcomer'));
      expect(missing.every(({ code }) => code === 'GRANT_MISSING')).toBe(true);
      const grants = missing.map(({ reason }) => `GRANT ${reason.split(': GRANT ')[1] ?? ''}`);
      for (const grant of grants) await stage.run('admin', grant);
      granted.push(...grants);
    }
    expect(blocking(await findings('newcomer'))).toEqual([]);
    expect(granted.join('\n')).toMatch(/SELECT ON `mysql`\.\*/);
    expect(granted.join('\n')).toMatch(/GRANT .*INSERT.* ON `shop`\.\* TO `newcomer`@`%` WITH GRANT OPTION/);
    expect(granted.join('\n').includes('SYSTEM_USER')).toBe(flavour === 'mysql');
    // They are enough to do it with.
    await using source = await openSource(settingsOf(stage.url('newcomer')));
    const before = await stage.accounts();
    const found = await source.freezeSettings('accounts');
    await source.freeze(5000, found);
    await source.unfreeze(found);
    expect(await stage.accounts()).toEqual(before);
    await stage.run('admin', 'DROP USER newcomer');
  });

  test('of a freeze that nobody may make names the other one', async () => {
    const [missing] = (await findings('mover', 'readOnly')).filter(({ reason }) =>
      reason.includes('makes the server read-only'),
    );
    expect(missing).toMatchObject({ code: 'GRANT_MISSING', severity: 'blocking' });
    expect(missing?.reason).toContain('"cutover":{"freeze":"accounts"}');
  });

  test('refuses what would write whatever is taken from whom, and so does the freeze', async () => {
    await stage.run(
      'admin',
      'CREATE EVENT tick ON SCHEDULE EVERY 1 DAY DO INSERT INTO t (n) VALUES (1); SET GLOBAL event_scheduler = ON',
    );
    const [leak] = blocking(await findings('mover'));
    expect(leak).toMatchObject({ code: 'FREEZE_LEAKS', source: 'event tick of admin@% is enabled' });
    await using source = await openSource(settingsOf(stage.url('mover')));
    const before = await stage.accounts();
    await expect(source.freeze(2000, await source.freezeSettings('accounts'))).rejects.toMatchObject({
      code: 'FREEZE_FAILED',
      message: expect.stringContaining('event tick') as unknown,
    });
    expect(await stage.accounts()).toEqual(before);
    await stage.run('admin', 'ALTER EVENT tick DISABLE');
    expect(blocking(await findings('mover'))).toEqual([]);
    await stage.run('admin', 'DROP EVENT tick; SET GLOBAL event_scheduler = OFF');
  });

  test('says which other databases a grant on a pattern is for', async () => {
    await stage.run(
      'admin',
      "CREATE DATABASE shop2; CREATE TABLE shop2.t (n INT); CREATE USER wide@'%' IDENTIFIED BY 'x'; GRANT INSERT ON `shop%`.* TO wide@'%'",
    );
    const told = (await findings('mover')).find(({ source }) => source.includes('`wide`'));
    expect(told).toMatchObject({ code: 'FREEZE_STOPS', severity: 'warning' });
    expect(told?.reason).toMatch(/other databases.*: shop2/);
    await stage.run('admin', "DROP USER wide@'%'; DROP DATABASE shop2");
  });
});
