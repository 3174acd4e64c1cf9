import { MigrationError } from '../../../domain/errors';
import type { Source } from '../../../engines/engine';
import { AccountsStage } from '../../helpers/accountsStage';
import { FLAVOURS, until } from '../mysqlSource/stage';

const INSERT = 'INSERT INTO t (n) VALUES (1)';
/** How each of the stage's accounts can write. */
const WRITES: Readonly<Record<string, string>> = {
  app: `${INSERT}; INSERT INTO old VALUES (1)`,
  columns: 'INSERT INTO t (n, note) VALUES (1, 2)',
  caller: 'CALL shop.add_one()',
  member: INSERT,
  everywhere: INSERT,
  admin: INSERT,
};

async function failure(attempt: Promise<unknown>): Promise<MigrationError> {
  const error = await attempt.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(MigrationError);
  return error as MigrationError;
}

describe.each(FLAVOURS)('a freeze by accounts of %s', (flavour) => {
  let stage: AccountsStage;
  let source: Source;
  let before: Record<string, string[]>;
  beforeAll(async () => {
    stage = await AccountsStage.open(flavour);
  });
  beforeEach(async () => {
    source = await stage.source();
    before = await stage.accounts();
  });
  afterEach(async () => {
    await stage.closeSessions();
  });
  afterAll(() => stage[Symbol.asyncDispose]());

  test('stops every way to write, leaves reading and other databases alone, and is undone exactly, as often as asked', async () => {
    const found = await source.freezeSettings('accounts');
    // As the control schema gives it back.
    const recorded = JSON.parse(JSON.stringify(found)) as typeof found;
    expect(JSON.stringify(found)).not.toMatch(/IDENTIFIED|PASSWORD/);
    const pooled = await stage.session('app');
    const neighbour = await stage.session('neighbour', 'other');
    const reading = await stage.session('reader');
    // Its text is in the list of sessions that the freeze looks through.
    const report = reading.query('SELECT SLEEP(1) /* 🚚 */');
    const state = await source.freeze(5000, recorded);
    await report;
    expect(state.found).toEqual({});
    for (const [user, write] of Object.entries(WRITES))
      expect([user, await stage.refusal(user, write)]).toEqual([user, expect.stringMatching(/denied|locked/i)]);
    await expect(pooled.query(INSERT)).rejects.toThrow();
    for (const user of ['app', 'columns', 'member', 'reader'])
      expect([user, await stage.refusal(user, 'SELECT count(*) FROM t')]).toEqual([user, null]);
    // Neither has even lost its connection.
    await neighbour.query('INSERT INTO t (n) VALUES (1)');
    await reading.query('SELECT 1 FROM t');
    await source.checkFrozen(state);
    // Another worker's attempt knows what was recorded before the first one.
    const other = await stage.source();
    expect((await other.freeze(5000, recorded)).accounts).toMatchObject({ lastWrite: state.accounts?.lastWrite });
    await other.unfreeze(recorded);
    expect(await stage.accounts()).toEqual(before);
    await source.unfreeze(recorded);
    expect(await stage.accounts()).toEqual(before);
    for (const [user, write] of Object.entries(WRITES))
      expect([user, await stage.refusal(user, write)]).toEqual([user, null]);
    expect(await stage.refusal('locked', 'SELECT 1')).toMatch(/locked/);
  });

  test('waits for an open transaction, which then counts as before the freeze, while others write', async () => {
    const app = await stage.session('app');
    await app.query('BEGIN; UPDATE t SET n = 42 WHERE id = 2');
    const found = await source.freezeSettings('accounts');
    const freezing = source.freeze(20_000, found);
    expect(await stage.refusal('app', INSERT)).toBeNull();
    await app.query('COMMIT');
    const state = await freezing;
    await source.checkFrozen(state);
    await source.unfreeze(found);
    expect(await stage.accounts()).toEqual(before);
  });

  test.each([
    ['a transaction stays open', 'BEGIN; UPDATE t SET n = 1 WHERE id = 2', /user app\) has had a transaction open/],
    [
      'an XA transaction is prepared',
      "XA START 'x1'; UPDATE t SET n = 1 WHERE id = 2; XA END 'x1'; XA PREPARE 'x1'",
      /XA transaction .* is prepared/,
    ],
  ])('fails when %s, names it, and has taken nothing from anybody', async (_, hold, named) => {
    const app = await stage.session('app');
    await app.query(hold);
    const error = await failure(source.freeze(2000, await source.freezeSettings('accounts')));
    expect(error.code).toBe('FREEZE_FAILED');
    expect(error.message).toMatch(named);
    expect(await stage.accounts()).toEqual(before);
    await app.query(hold.startsWith('XA') ? "XA ROLLBACK 'x1'" : 'ROLLBACK');
  });

  test('holds while others use the server and change accounts that have nothing to do with it', async () => {
    const found = await source.freezeSettings('accounts');
    const state = await source.freeze(5000, found);
    await stage.run('neighbour', 'INSERT INTO t (n) VALUES (1)', 'other');
    await stage.run('mover', "CREATE USER tenant@'%' IDENTIFIED BY 'x'");
    await source.checkFrozen(state);
    await source.unfreeze(found);
    await stage.run('mover', 'DROP USER tenant');
  });

  test.each([
    ['an account is unlocked', "ALTER USER everywhere@'%' ACCOUNT UNLOCK", /`everywhere`@`%` can log in/],
    ['a right is granted again', "GRANT INSERT ON shop.* TO app@'%'", /`app`@`%` has INSERT on `shop`/],
    [
      'an account comes that can write',
      "CREATE USER late@'%' IDENTIFIED BY 'x'; GRANT UPDATE ON shop.t TO late@'%'",
      /`late`@`%` has UPDATE on `shop`.`t`/,
    ],
    ['a row is written by whomever', INSERT, /table t was written to at/],
    ['a row of a table without transactions is', 'INSERT INTO old VALUES (1)', /table old was written to at/],
  ])('is lost when %s', async (_, change, why) => {
    const found = await source.freezeSettings('accounts');
    const state = await source.freeze(5000, found);
    await stage.run('mover', change);
    const error = await failure(source.checkFrozen(state));
    expect(error).toMatchObject({ code: 'FREEZE_LOST', retryable: false });
    expect(error.message).toMatch(why);
    await source.unfreeze(found);
    await stage.run('mover', "DROP USER IF EXISTS late@'%'");
    expect(await stage.accounts()).toEqual(before);
  });

  test('fails when an account can write that was not there when it was recorded, and gives all back', async () => {
    const found = await source.freezeSettings('accounts');
    await stage.run('mover', "CREATE USER late@'%' IDENTIFIED BY 'x'; GRANT UPDATE ON shop.* TO late@'%'");
    const error = await failure(source.freeze(5000, found));
    expect(error).toMatchObject({ code: 'FREEZE_FAILED' });
    expect(error.message).toMatch(/`late`@`%` has UPDATE/);
    await stage.run('mover', "DROP USER late@'%'");
    expect(await stage.accounts()).toEqual(before);
  });

  test('gives nothing to an account that was dropped meanwhile, and makes none anew', async () => {
    await stage.run('mover', "CREATE USER gone@'%' IDENTIFIED BY 'x'; GRANT INSERT, UPDATE ON shop.* TO gone@'%'");
    const found = await source.freezeSettings('accounts');
    await source.freeze(5000, found);
    await stage.run('mover', "DROP USER gone@'%'");
    await source.unfreeze(found);
    expect(await stage.accounts()).toEqual(before);
  });

  test('takes nothing on a server that is read-only by itself, and leaves it so', async () => {
    const setting = flavour === 'mysql' ? 'super_read_only' : 'read_only';
    await stage.run('admin', `SET GLOBAL ${setting} = ON`);
    const found = await source.freezeSettings('accounts');
    const state = await source.freeze(5000, found);
    await source.checkFrozen(state);
    await source.unfreeze(found);
    expect(found).toMatchObject({ [setting]: 'ON' });
    expect(await source.freezeSettings('accounts')).toEqual(found);
    expect(await stage.accounts()).toEqual(before);
    await stage.run('admin', `SET GLOBAL ${setting} = OFF; SET GLOBAL read_only = OFF`);
  });

  test('is lost by a restart, which leaves everything taken until it is given back', async () => {
    const found = await source.freezeSettings('accounts');
    const state = await source.freeze(5000, found);
    await stage.closeSessions();
    await stage.server.kill();
    // The server's start waits for its administrator to log in, who is locked out.
    const starting = stage.server.start().catch(() => undefined);
    await until(async () => (await stage.refusal('mover', 'SELECT 1')) === null, 60_000);
    source = await stage.source();
    expect((await failure(source.checkFrozen(state))).message).toMatch(/restarted/);
    expect(await stage.refusal('everywhere', INSERT)).toMatch(/locked/);
    await source.unfreeze(found);
    await starting;
    expect(await stage.accounts()).toEqual(before);
  });
});

test('a freeze by accounts of MariaDB takes what everybody has, from everybody, and gives it back', async () => {
  await using stage = await AccountsStage.open('mariadb');
  await stage.run('admin', 'GRANT INSERT ON shop.* TO PUBLIC');
  const before = await stage.accounts();
  const source = await stage.source();
  const found = await source.freezeSettings('accounts');
  const reader = await stage.session('reader');
  await reader.query(INSERT);
  await source.freeze(5000, found);
  await expect(reader.query(INSERT)).rejects.toThrow();
  expect(await stage.refusal('reader', INSERT)).toMatch(/denied/);
  await source.unfreeze(found);
  expect(await stage.refusal('reader', INSERT)).toBeNull();
  expect(await stage.accounts()).toEqual(before);
});
