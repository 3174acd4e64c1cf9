import { postgresNames } from '../../engines/postgres/names';
import { translateTable } from '../../engines/postgres/translate';
import { INT, catalog, column, foreignKey, idColumn, index, parts, table } from '../helpers/catalogs';
import { everyTypeCatalog, everyTypeFacts } from '../helpers/everyType';
import { SchemaStage, plansOf, stepsOf } from '../helpers/schemaStage';

let stage: SchemaStage;
beforeEach(async () => {
  stage = await SchemaStage.open();
});
afterEach(async () => stage[Symbol.asyncDispose]());

const none = () => undefined;

describe('a schema with every type', () => {
  const plans = plansOf(everyTypeCatalog, everyTypeFacts, { zeroDates: 'null', orphans: 'notValid' });

  test('is made as planned, goes on numbering behind the source, and keeps what the source kept', async () => {
    const { steps } = await stage.connect();
    await steps.run(stage.work, stepsOf(plans, 'create'), none);
    await stage.query(`
      insert into everytype (id, v, perms) values (70000, 'first', '{x,y}');
      insert into zero_key values (null, 1);
      insert into child (id, every, day) values (3, 999999, '2000-01-01');
      insert into prefix_key values ('abcde-1'), ('abcdf-1')`);
    let told = 0;
    await steps.run(stage.work, [...stepsOf(plans, 'build'), ...stepsOf(plans, 'foreignKeys')], () => told++);
    expect(told).toBe(stepsOf(plans, 'build').length + stepsOf(plans, 'foreignKeys').length);

    const [made] = await stage.query(`insert into everytype (day) values ('2000-01-01') returning *`);
    expect(made).toMatchObject({
      id: '70001',
      flag: true,
      medium_u: 42,
      counter: '18446744073709551615',
      bit12: '000000000101',
    });
    expect(made).toMatchObject({
      c: "it's",
      v: 'CURRENT_TIMESTAMP',
      state: "it's",
      perms: ['x', "z'"],
      y: 1901,
      ip: '::1',
    });
    expect(await stage.column(`insert into child (day) values ('2000-01-01') returning id`)).toEqual([8]);

    await expect(stage.query(`insert into everytype (v, perms) values ('other', '{q}')`)).rejects.toThrow(
      /everytype_perms_check/,
    );
    await expect(stage.query('insert into zero_key values (null, 1)')).rejects.toThrow(/zero_key_key/);
    await expect(stage.query(`insert into prefix_key values ('abcde-2')`)).rejects.toThrow(/prefix_key_prefix_key/);
    await expect(stage.query(`insert into child (every, day) values (1, '2000-01-01')`)).rejects.toThrow(/fk_every/);
    expect(
      await stage.column(
        `select convalidated from pg_constraint where conrelid = 'child'::regclass and contype = 'f' order by conname`,
      ),
    ).toEqual([false, true]);
    expect(await stage.column(`select obj_description('everytype'::regclass)`)).toEqual(["it's a table"]);
  });

  test('can be made with the syntax of PostgreSQL 14 too', async () => {
    const { steps } = await stage.connect();
    const older = plans.map(({ table: planned }) => ({ table: planned, ddl: translateTable(planned, 14).ddl }));
    await steps.run(
      stage.work,
      [...stepsOf(older, 'create'), ...stepsOf(older, 'build'), ...stepsOf(older, 'foreignKeys')],
      none,
    );
    expect(
      await stage.column(`select count(*)::int from pg_index where indrelid = 'zero_key'::regclass and indisunique`),
    ).toEqual([1]);
  });

  test('repeated, makes nothing twice', async () => {
    const { steps, made } = await stage.connect();
    const all = [...stepsOf(plans, 'create'), ...stepsOf(plans, 'build'), ...stepsOf(plans, 'foreignKeys')];
    await steps.run(stage.work, all, none);
    const first = await made.list(stage.runId);
    let told = 0;
    await (await stage.connect()).steps.run(stage.work, all, () => told++);
    expect(told).toBe(all.length);
    expect(await made.list(stage.runId)).toEqual(first);
    expect(first).toHaveLength(all.length);
  });
});

test('the reserved words are those of the server', async () => {
  const words = await stage.column(`select word from pg_get_keywords() where catcode in ('R', 'T')`);
  expect([...postgresNames.reservedWords].sort()).toEqual(words.sort());
});

describe('a counter at the end of its column', () => {
  test('is left there, so that the next insert fails instead of wrapping', async () => {
    const tiny = { kind: 'integer', bits: 8, unsigned: false } as const;
    const plans = plansOf(
      catalog([table('t', [column('id', 'tinyint', tiny, { nullable: false, identity: { next: '127' } })])]),
    );
    const { steps } = await stage.connect();
    await steps.run(stage.work, stepsOf(plans, 'create'), none);
    await stage.query('insert into t values (32767), (-5)');
    await steps.run(stage.work, stepsOf(plans, 'build'), none);
    await expect(stage.query('insert into t default values')).rejects.toThrow(/reached maximum value/);
  });
});

describe('what stands in the way', () => {
  const plans = plansOf(
    catalog([
      table('Parent', [idColumn(), column('code', 'int', INT)], {
        indexes: [index('u', parts('code'), { unique: true })],
      }),
      table('child', [idColumn(), column('ref', 'int', INT)], {
        foreignKeys: [foreignKey('f', ['ref'], 'Parent', ['id'])],
      }),
    ]),
  );

  test('is told with constraint, table and key', async () => {
    const { steps } = await stage.connect();
    await steps.run(stage.work, stepsOf(plans, 'create'), none);
    await stage.query('insert into parent values (1, 7), (2, 7); insert into child values (1, 5)');
    await expect(steps.run(stage.work, stepsOf(plans, 'build'), none)).rejects.toMatchObject({
      code: 'BUILD_FAILED',
      message: expect.stringMatching(
        /public\.parent \(source table Parent\): unique "u".*Key \(code\)=\(7\) is duplicated/s,
      ) as string,
    });
    await stage.query('update parent set code = id');
    await steps.run(stage.work, stepsOf(plans, 'build'), none);
    await expect(steps.run(stage.work, stepsOf(plans, 'foreignKeys'), none)).rejects.toMatchObject({
      code: 'BUILD_FAILED',
      message: expect.stringMatching(/foreignKey "f".*Key \(ref\)=\(5\) is not present in table "parent"/s) as string,
    });
  });

  test('is found before anything is made, each relation and type by its name', async () => {
    await stage.query(`create view parent as select 1; create type child as enum (); create table u (); create table other ();
      create schema elsewhere; create table elsewhere.parent_pkey ()`);
    const { steps } = await stage.connect();
    const found = await steps.existing(plans);
    expect(found.map(({ code, severity, object, target }) => [code, severity, object, target])).toEqual([
      ['TARGET_TABLE_EXISTS', 'blocking', 'Parent', 'public.parent, a view'],
      ['TARGET_TABLE_EXISTS', 'blocking', 'Parent.u', 'public.u, a table'],
      ['TARGET_TABLE_EXISTS', 'blocking', 'child', 'public.child, a type'],
    ]);
  });

  test('somebody else made in the meantime is left alone', async () => {
    const { steps, made } = await stage.connect();
    await stage.query('create table child (mine int)');
    await expect(steps.run(stage.work, stepsOf(plans, 'create'), none)).rejects.toMatchObject({ code: 'BUILD_FAILED' });
    await stage.raiseEpoch();
    await steps.dropMade(stage.work);
    expect(await made.list(stage.runId)).toEqual([]);
    expect(await stage.column(`select tablename from pg_tables where schemaname = 'public'`)).toEqual(['child']);
  });
});
