import { INT, catalog, column, foreignKey, idColumn, index, parts, plan, table } from '../helpers/catalogs';
import { translateTable } from '../../engines/postgres/translate';
import { SchemaStage, stepsOf } from '../helpers/schemaStage';

let stage: SchemaStage;
beforeEach(async () => {
  stage = await SchemaStage.open();
});
afterEach(async () => stage[Symbol.asyncDispose]());

const none = () => undefined;

const source = catalog([
  table('a', [idColumn({ identity: { next: '5' } }), column('e', 'enum', { kind: 'enum', labels: ['x', 'y'] })]),
  // Large enough for each of its steps to have a transaction of its own; those of the other table share one.
  table('b', [idColumn(), column('ref', 'int', INT)], {
    bytes: 1e9,
    indexes: [index('by_ref', parts('ref')), index('u', parts('id', 'ref'), { unique: true })],
    foreignKeys: [foreignKey('f', ['ref'], 'a', ['id'])],
  }),
]);
const inShop = plan(source).tables.map((planned) => ({ ...planned, targetSchema: 'Shop' }));
const plans = inShop.map((planned) => ({ table: planned, ddl: translateTable(planned, 18).ddl }));
const create = stepsOf(plans, 'create');
const build = [...stepsOf(plans, 'build'), ...stepsOf(plans, 'foreignKeys')];

const TABLES = `select schemaname || '.' || tablename from pg_tables
  where schemaname not in ('pg_catalog', 'information_schema', 'temporal_migrate') order by 1`;
const INDEXES = `select indexname from pg_indexes where schemaname = 'Shop' order by 1`;
const SCHEMAS = `select nspname from pg_namespace where nspname ~ '^(Shop|temporal)' order by 1`;
const TYPES = `select n.nspname || '.' || typname from pg_type t join pg_namespace n on n.oid = typnamespace where typtype = 'e'`;

/** Ends a session's server process and waits until it is gone. */
async function kill(pid: number): Promise<void> {
  expect(await stage.column(`select pg_terminate_backend(${pid}, 10000)`)).toEqual([true]);
}

/** Waits until the server process waits for a lock. */
async function waitsForLock(pid: number): Promise<void> {
  for (;;) {
    const [row] = await stage.query(`select wait_event_type from pg_stat_activity where pid = ${pid}`);
    if (row?.wait_event_type === 'Lock') return;
  }
}

describe('making, interrupted', () => {
  test('by a killed backend after any number of steps, is finished by the next attempt, each object once', async () => {
    for (let victim = 1; victim <= create.length + build.length; victim++) {
      const attempt = await stage.connect();
      let done = 0;
      let killed = Promise.resolve();
      const dying = attempt.steps.run(stage.work, [...create, ...build], () => {
        if (++done === victim) killed = kill(attempt.session.backend.pid);
      });
      await dying.catch((error: unknown) => expect(error).toMatchObject({ code: 'CONNECTION_LOST' }));
      await killed;
    }
    const { steps, made } = await stage.connect();
    await steps.run(stage.work, [...create, ...build], none);
    const entries = await made.list(stage.runId);
    expect(entries).toHaveLength(create.length + build.length + 1);
    expect(new Set(entries.map(({ kind, name }) => `${kind} ${name}`)).size).toBe(entries.length);
    expect(await stage.column(INDEXES)).toEqual(['a_pkey', 'b_pkey', 'by_ref', 'u']);
  });

  test('by a kill in the middle of a step, leaves nothing half made', async () => {
    const first = await stage.connect();
    await first.steps.run(stage.work, create, none);
    const holder = await stage.connect();
    const held = holder.session.transaction(async () => {
      await holder.session.query('lock table "Shop".b in access exclusive mode');
      const dying = first.steps.run(stage.work, build, none);
      const refused = expect(dying).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
      await waitsForLock(first.session.backend.pid);
      await kill(first.session.backend.pid);
      await refused;
    });
    await held;
    expect(await stage.column(INDEXES)).toEqual(['a_pkey']);
    await (await stage.connect()).steps.run(stage.work, build, none);
    expect(await stage.column(INDEXES)).toEqual(['a_pkey', 'b_pkey', 'by_ref', 'u']);
  });

  test('by a second attempt, ends the first one’s backend even while it waits', async () => {
    const zombie = await stage.connect();
    await zombie.steps.run(stage.work, create, none);
    const holder = await stage.connect();
    let second = Promise.resolve();
    await holder.session.transaction(async () => {
      await holder.session.query('lock table "Shop".a in access exclusive mode');
      const refused = expect(zombie.steps.run(stage.work, build, none)).rejects.toMatchObject({
        code: 'CONNECTION_LOST',
      });
      await waitsForLock(zombie.session.backend.pid);
      second = (await stage.connect()).steps.run(stage.work, build, none);
      await refused;
    });
    await second;
    expect(await stage.column(INDEXES)).toEqual(['a_pkey', 'b_pkey', 'by_ref', 'u']);
  });

  test('by an undo, makes nothing any more', async () => {
    const { steps } = await stage.connect();
    const stale = stage.work;
    await steps.run(stale, create, none);
    await stage.raiseEpoch();
    await expect((await stage.connect()).steps.run(stale, build, none)).rejects.toMatchObject({ code: 'EPOCH_STALE' });
    expect(await stage.column(INDEXES)).toEqual([]);
  });

  test('by somebody who drops an index, makes it again', async () => {
    const { steps, made } = await stage.connect();
    await steps.run(stage.work, [...create, ...build], none);
    await stage.query('drop index "Shop".by_ref');
    await steps.run(stage.work, [...create, ...build], none);
    expect(await stage.column(INDEXES)).toContain('by_ref');
    expect((await made.list(stage.runId)).filter(({ name }) => name === 'by_ref')).toHaveLength(1);
  });
});

describe('removing what was made', () => {
  test('leaves nothing, is safe to repeat, and to be killed at any entry', async () => {
    const { steps } = await stage.connect();
    await steps.run(stage.work, [...create, ...build], none);
    await stage.raiseEpoch();
    const dying = await stage.connect();
    const holder = await stage.connect();
    await holder.session.transaction(async () => {
      await holder.session.query('lock table "Shop".a in access share mode');
      const refused = expect(dying.steps.dropMade(stage.work)).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
      await waitsForLock(dying.session.backend.pid);
      await kill(dying.session.backend.pid);
      await refused;
    });
    const next = await stage.connect();
    await next.steps.dropMade(stage.work);
    await next.steps.dropMade(stage.work);
    expect(await next.made.list(stage.runId)).toEqual([]);
    expect(await stage.column(SCHEMAS)).toEqual(['temporal_migrate']);
  });

  test('touches nothing else: a schema with somebody’s table stays, with the table', async () => {
    const { steps } = await stage.connect();
    await steps.run(stage.work, create, none);
    await stage.query('create table "Shop".mine (); create table public.a ()');
    await steps.dropMade(stage.work);
    expect(await stage.column(TABLES)).toEqual(['Shop.mine', 'public.a']);
    await steps.dropMade(stage.work);
    expect(await stage.column(TABLES)).toEqual(['Shop.mine', 'public.a']);
  });

  test('never takes what somebody built on it: it says so, and can be tried again', async () => {
    const { steps } = await stage.connect();
    await steps.run(stage.work, create, none);
    await stage.query('create view public.v as select * from "Shop".a');
    await expect(steps.dropMade(stage.work)).rejects.toMatchObject({
      code: 'COMPENSATION_FAILED',
      message: expect.stringMatching(/view public\.v depends on table "Shop"\.a/) as string,
    });
    await stage.query('drop view public.v');
    await steps.dropMade(stage.work);
    expect(await stage.column(TABLES)).toEqual([]);
  });

  test('does nothing where a run never came to making anything', async () => {
    await stage.query('drop schema temporal_migrate cascade');
    const { steps } = await stage.connect();
    await steps.dropMade(stage.work);
    await steps.emptyTables(stage.work, plans);
  });
});

test('a copy that starts over finds empty tables without keys, and they are built again', async () => {
  const { steps } = await stage.connect();
  await steps.run(stage.work, create, none);
  await stage.query(`insert into "Shop".a values (1, 'x'); insert into "Shop".b values (1, 1)`);
  await steps.run(stage.work, build, none);
  await stage.raiseEpoch();
  await steps.emptyTables(stage.work, plans);
  await steps.emptyTables(stage.work, plans);
  expect(await stage.column(INDEXES)).toEqual([]);
  expect(await stage.column('select count(*)::int from "Shop".a, "Shop".b')).toEqual([0]);
  await stage.query(`insert into "Shop".a values (9, 'y'); insert into "Shop".b values (1, 9)`);
  await steps.run(stage.work, build, none);
  expect(await stage.column(INDEXES)).toEqual(['a_pkey', 'b_pkey', 'by_ref', 'u']);
  expect(await stage.column(`insert into "Shop".a (e) values ('x') returning id`)).toEqual([10]);
});

test('a rollback behind the switch keeps tables, types and rows in a schema of their own', async () => {
  const { steps } = await stage.connect();
  await steps.run(stage.work, [...create, ...build], none);
  await stage.query(`insert into "Shop".a values (1, 'x'); insert into "Shop".b values (1, 1)`);
  const kept = await steps.setAside(stage.work);
  expect(kept).toBe('Shop_rolled_back_0a1b2c3d');
  expect(await (await stage.connect()).steps.setAside(stage.work)).toBe(kept);
  await steps.dropMade(stage.work);
  expect(await stage.column(SCHEMAS)).toEqual([kept, 'temporal_migrate']);
  expect(await stage.column(TABLES)).toEqual([`${kept}.a`, `${kept}.b`]);
  expect(await stage.column(TYPES)).toEqual([`${kept}.a_e`]);
  expect(await stage.column(`insert into "${kept}".a (e) values ('y') returning id`)).toEqual([5]);
  await expect(stage.query(`insert into "${kept}".b values (2, 99)`)).rejects.toThrow(/"f"/);
});

test('lanes at once make a missing schema once', async () => {
  const lanes = await Promise.all(plans.map(async (of) => ({ of, attempt: await stage.connect() })));
  await Promise.all(
    lanes.map(({ of, attempt }, position) =>
      attempt.steps.run({ ...stage.work, lane: `build ${position}` }, stepsOf([of], 'create'), none),
    ),
  );
  expect(await stage.column(TABLES)).toEqual(['Shop.a', 'Shop.b']);
});
