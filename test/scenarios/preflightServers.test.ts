import { findInClocks, findInTimeZones, measureNetwork } from '../../activities/preflight/servers';
import { findInSpace } from '../../activities/preflight/space';
import type { PreflightOptions } from '../../domain/activityMessages';
import type { Finding } from '../../domain/finding';
import type { Target } from '../../engines/engine';
import { mappingSchema } from '../../domain/mapping';
import { openSession } from '../../engines/mysql/connection';
import { longTransactionFindings as findOnSource } from '../../engines/mysql/preflight/transactions';
import { postgresEngine } from '../../engines/postgres';
import { connect } from '../../engines/postgres/connection';
import { longTransactionFindings as findOnTarget } from '../../engines/postgres/preflight/transactions';
import { startPostgres, type DatabaseServer } from '../../scripts/servers';
import { execute, mysqlSessions } from '../helpers/databases';
import { until } from '../helpers/faultsUntil';
import { connect as connectClient, FLAVOURS, settingsOf, SourceStage } from './mysqlSource/stage';

const OPTIONS: PreflightOptions = {
  strategy: 'bigBang',
  backup: { mode: 'whenNotEmpty' },
  targetSchema: 'public',
  switch: [],
  replicas: [],
  freeze: 'readOnly',
  tables: { include: ['*'], exclude: [] },
  mapping: mappingSchema.parse({}),
  targetGrants: [],
};
const PLAIN = 'plain_role';

/** A server of the test's own: roles and sessions of a whole cluster are looked at. */
let server: DatabaseServer;
let target: Target;
beforeAll(async () => {
  server = await startPostgres();
  await execute(server.url('postgres'), `create role ${PLAIN} login password 'x'`);
  target = await openTarget(server.url('postgres'));
});
afterAll(async () => {
  await target[Symbol.asyncDispose]();
  await server.remove();
});

async function openTarget(url: string): Promise<Target> {
  const opened = await postgresEngine.openTarget?.(settingsOf(url, 'pg'));
  if (opened === undefined) throw new Error('the engine opens targets');
  return opened;
}

const asPlainRole = (): string => {
  const url = new URL(server.url('postgres'));
  [url.username, url.password] = [PLAIN, 'x'];
  return url.href;
};

const told = (findings: readonly Finding[]): string[] => findings.map(({ code, severity }) => `${severity} ${code}`);

describe.each(FLAVOURS)('a %s source and its target', (flavour) => {
  let stage: SourceStage;
  beforeAll(async () => {
    stage = await SourceStage.open(
      flavour,
      `CREATE TABLE t (id INT PRIMARY KEY, n VARCHAR(500)); INSERT INTO t VALUES (1, REPEAT('x', 500))`,
    );
  });
  afterAll(async () => stage[Symbol.asyncDispose]());

  test('are measured: round trips, and all the bytes that were asked for', async () => {
    for (const { probe } of [stage.source, target]) {
      expect(await probe.readGenerated(1_000_000)).toBeGreaterThanOrEqual(1_000_000);
      const { roundTripMs, megabitsPerSecond } = await measureNetwork(probe);
      expect(roundTripMs).toBeGreaterThan(0);
      expect(megabitsPerSecond).toBeGreaterThan(0);
    }
  });

  test('on one machine have one time and one zone, until a server is set to another one', async () => {
    const [source, other] = [
      { name: 'shop', probe: stage.source.probe },
      { name: 'pg', probe: target.probe },
    ];
    expect(Math.abs((await source.probe.clockMs()) - Date.now())).toBeLessThan(1_000);
    expect(await findInClocks(source, other)).toEqual([]);
    await execute(server.url('postgres'), `alter role ${PLAIN} set timezone = 'Asia/Kolkata'`);
    await using eastern = await openTarget(asPlainRole());
    expect(told(await findInTimeZones(source, { name: 'pg', probe: eastern.probe }))).toEqual([
      'warning SETTING_UNSUITABLE',
    ]);
  });

  test('has its room measured on this machine, asked for where its folder is hidden, and told where it is short', async () => {
    expect(await findInSpace('pg', stage.source, target, OPTIONS)).toEqual([]);
    await using hidden = await openTarget(asPlainRole());
    expect(told(await findInSpace('pg', stage.source, hidden, OPTIONS))).toEqual(['question TARGET_SPACE']);
    const said = { ...OPTIONS, targetFreeBytes: 1_000 };
    expect(told(await findInSpace('pg', stage.source, hidden, said))).toEqual(['blocking TARGET_SPACE']);
    expect(told(await findInSpace('pg', stage.source, target, said))).toEqual(['blocking TARGET_SPACE']);
    expect(await findInSpace('pg', stage.source, hidden, { ...OPTIONS, targetFreeBytes: 1e12 })).toEqual([]);
  });

  test('an open transaction of the source is told with who has it and since when', async () => {
    const holder = await connectClient(stage.url);
    try {
      await holder.query('BEGIN; UPDATE t SET n = NULL');
      await using session = await openSession(settingsOf(stage.url));
      // INNODB_TRX shows a copy, made anew only when nobody has read it for 100 ms, as the test before may have.
      const [found, ...others] = await until('the transaction shows', async () => {
        const transactions = await findOnSource(session, -1);
        return transactions.length > 0 && transactions;
      });
      expect(others).toEqual([]);
      expect(found?.source).toMatch(
        /connection \d+ \(user \w+\) has had a transaction open since 20\d\d-\d\d-\d\dT[\d:]{8}Z, for \d+ s, and is idle in it/,
      );
    } finally {
      await holder.end();
    }
  });

  test('who can write although nothing is frozen is told by name and number, whatever characters it uses', async () => {
    const application = await connectClient(stage.url);
    try {
      application.query('DO SLEEP(60) /* 🚚 */').catch(() => undefined);
      await until('the statement runs', async () =>
        (await mysqlSessions(stage.url)).some(({ statement }) => statement.includes('🚚')),
      );
      const found = (await stage.source.preflight('none')).filter(({ code }) => code === 'FREEZE_LEAKS');
      expect(found).toMatchObject([
        { severity: 'warning', source: expect.stringMatching(/connected now: .*\(\d+\)/) as unknown },
      ]);
    } finally {
      application.destroy();
    }
  });
});

test('an open transaction of the target is told; a role that may not see it is told the grant', async () => {
  await using holder = await connect(settingsOf(server.url('postgres'), 'holder'));
  await holder.query('begin');
  await using session = await connect(settingsOf(server.url('postgres'), 'pg'));
  const [found] = await findOnTarget(session, -1);
  expect(found?.source).toMatch(/process \d+ \(user \w+\) has had a transaction open since .*, and is idle in it/);
  await using blind = await connect(settingsOf(asPlainRole(), 'pg'));
  expect(await findOnTarget(blind, -1)).toMatchObject([
    { code: 'GRANT_MISSING', severity: 'info', target: `GRANT pg_read_all_stats TO "${PLAIN}"` },
  ]);
  await execute(server.url('postgres'), `grant pg_read_all_stats to ${PLAIN}`);
  expect(told(await findOnTarget(blind, -1))).toEqual(['warning LONG_TRANSACTION']);
});

test('a managed service is recognised, its grants name who may run them, and what is in the schema is told', async () => {
  await execute(server.url('postgres'), 'create role rds_superuser; create table public.theirs (a int)');
  await using plain = await openTarget(asPlainRole());
  const found = await plain.preflight('public');
  expect(found).toContainEqual(expect.objectContaining({ code: 'MANAGED_SERVICE', source: 'Amazon RDS or Aurora' }));
  expect(found).toContainEqual(
    expect.objectContaining({ code: 'TARGET_NOT_EMPTY', target: '1 tables, views or sequences: theirs' }),
  );
  const grants = found.filter(({ code, severity }) => code === 'GRANT_MISSING' && severity === 'blocking');
  expect(grants.length).toBeGreaterThan(0);
  for (const { reason } of grants) expect(reason).toContain('rds_superuser');
});
