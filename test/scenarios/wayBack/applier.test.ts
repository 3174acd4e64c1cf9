import { randomBytes } from 'node:crypto';
import { parseDatabaseUrl } from '../../../domain/connectionUrl';
import type { FreezeMode } from '../../../domain/freeze';
import type { TablePlan } from '../../../domain/plan';
import { planWayBack } from '../../../domain/wayBack';
import {
  RejectedChange,
  type AppliedTable,
  type ChangeApplier,
  type ChangeBatch,
  type KeptRow,
  type TakesBack,
} from '../../../engines/engine';
import { cellFormats } from '../../../engines/postgres/changes/cellFormats';
import { translateTable } from '../../../engines/postgres/translate';
import { keepRow } from '../../../pipeline/keepRow';
import { catalog, plan } from '../../helpers/catalogs';
import { execute, query } from '../../helpers/databases';
import { ScriptedLog } from '../../helpers/scriptedLog';
import { giveRow, type Cell } from '../../helpers/targetRows';
import { FLAVOURS, openSource, SourceStage } from '../mysqlSource/stage';

const LANE = 'back';
const at = (place: number) => ({ position: ScriptedLog.at(place), within: 0 });

function kept(row: readonly Cell[]): KeptRow {
  let made: KeptRow | null = null;
  giveRow({ row: (bytes, cells) => (made = keepRow(bytes, cells)), pressure: () => null }, row);
  return made!;
}

/** What becomes of the rows of tables, each by its place: keys that are gone, and rows there are. */
type Made = Readonly<Record<number, { gone?: readonly (readonly Cell[])[]; rows?: readonly (readonly Cell[])[] }>>;

function batch(from: number, to: number, made: Made): ChangeBatch {
  const tables = Object.entries(made).map(([table, { gone = [], rows = [] }]) => ({
    table: Number(table),
    gone: gone.map(kept),
    rows: rows.map(kept),
  }));
  const steps = [{ tables, cascade: null }];
  return { from: at(from), to: at(to), committedAtMs: 5, changes: 1, steps, vacated: [], refreshed: null };
}

describe.each(FLAVOURS)("changes of a target on %s's own tables", (flavour) => {
  const runId = `run-${randomBytes(4).toString('hex')}`;
  let epoch = 1;
  let opened: SourceStage | null = null;

  /** A database with tables, and a run whose way back leads into them. */
  async function open(
    sql: string,
    mapping: Parameters<typeof plan>[2] = {},
  ): Promise<{ stage: SourceStage; takesBack: TakesBack; plans: readonly TablePlan[] }> {
    const stage = await SourceStage.open(flavour, sql);
    opened = stage;
    const { tables } = await stage.source.introspect();
    const planned = plan(catalog([...tables]), new Map(), mapping).tables;
    const plans = planWayBack(planned.map((table) => ({ table, ddl: translateTable(table, 18).ddl }))).tables;
    const takesBack = stage.source.takesBack!;
    epoch++;
    await takesBack.prepare({ runId });
    await takesBack.beginStream(runId, LANE, at(0).position, at(0).position);
    return { stage, takesBack, plans };
  }

  const applied = (plans: readonly TablePlan[]): AppliedTable[] =>
    plans.map((each) => ({ plan: each, formats: cellFormats(each.table) }));
  const openApplier = (takesBack: TakesBack, plans: readonly TablePlan[], of = epoch): Promise<ChangeApplier> =>
    takesBack.openApplier({ runId, epoch: of, lane: LANE }, applied(plans));

  /** Opens tables and applies a first batch to them. */
  async function apply(sql: string, made: Made): Promise<{ stage: SourceStage; takesBack: TakesBack }> {
    const { stage, takesBack, plans } = await open(sql);
    await using applier = await openApplier(takesBack, plans);
    await applier.apply(batch(0, 1, made));
    return { stage, takesBack };
  }

  afterEach(async () => {
    await opened?.source.takesBack?.drop({ runId });
    expect(await opened?.source.takesBack?.loadStream(runId, LANE)).toBeNull();
    await opened?.[Symbol.asyncDispose]();
  });

  test('are stored as they are: nothing numbers, dates, computes or cascades by itself', async () => {
    const { stage } = await apply(
      `CREATE TABLE a (id INT AUTO_INCREMENT PRIMARY KEY, n INT DEFAULT 7 INVISIBLE, twice INT AS (n * 2) STORED,
         at TIMESTAMP(3) NULL DEFAULT CURRENT_TIMESTAMP(3) ON UPDATE CURRENT_TIMESTAMP(3));
       CREATE TABLE b (a INT, k VARCHAR(9), v BIT(3), PRIMARY KEY (a, k),
         FOREIGN KEY (a) REFERENCES a (id) ON DELETE CASCADE);
       INSERT INTO a (id, n) VALUES (1, 1), (2, 2), (5, 5); INSERT INTO b VALUES (1, 'x', 1), (1, 'y', 1), (2, 'x', 1)`,
      {
        0: {
          gone: [['1'], ['2'], ['5']],
          rows: [
            ['0', null, '9', '2024-01-01 00:00:00.5'],
            ['1', '1', '9', null],
          ],
        },
        1: { gone: [['1', 'y']], rows: [['9', "it's", Buffer.from([5])]] },
      },
    );
    expect(await query(stage.url, 'SELECT id, n, twice, CAST(at AS CHAR) AS at FROM a ORDER BY id')).toEqual([
      { id: 0, n: null, twice: null, at: '2024-01-01 00:00:00.500' },
      { id: 1, n: 1, twice: 2, at: null },
    ]);
    expect(await query(stage.url, 'SELECT a, k, v + 0 AS v FROM b ORDER BY a')).toEqual([
      { a: 1, k: 'x', v: 1 },
      { a: 2, k: 'x', v: 1 },
      { a: 9, k: "it's", v: 5 },
    ]);
  });

  test('bring back the zero dates that became NULL', async () => {
    const { stage, takesBack, plans } = await open(
      `CREATE TABLE t (id INT PRIMARY KEY, day DATE NOT NULL DEFAULT '0000-00-00',
         at TIMESTAMP(6) NOT NULL DEFAULT '0000-00-00 00:00:00', since DATE NULL DEFAULT '0000-00-00')`,
      { zeroDates: 'null' },
    );
    await using applier = await openApplier(takesBack, plans);
    await applier.apply(batch(0, 1, { 0: { rows: [['1', null, null, null]] } }));
    const [row] = await query(stage.url, 'SELECT CAST(day AS CHAR) AS day, CAST(at AS CHAR) AS at, since FROM t');
    expect(row).toEqual({ day: '0000-00-00', at: '0000-00-00 00:00:00.000000', since: null });
  });

  const REFUSED: readonly [string, string, readonly (readonly Cell[])[], string | null][] = [
    [
      'a character that the column cannot have',
      'v VARCHAR(9) CHARACTER SET latin1',
      [
        ['1', 'a'],
        ['2', '€'],
        ['3', '日'],
      ],
      'v',
    ],
    ['a text that is too long', 'v VARCHAR(3)', [['3', 'abcd']], 'v'],
    [
      'spaces that would be cut',
      'v VARCHAR(3)',
      [
        ['1', 'ab'],
        ['3', 'abc '],
      ],
      'v',
    ],
    [
      'a number out of range',
      'v TINYINT UNSIGNED',
      [
        ['1', '255'],
        ['3', '-1'],
      ],
      'v',
    ],
    [
      'a moment out of range',
      'v TIMESTAMP NULL',
      [
        ['1', '1970-01-01 00:00:01'],
        ['3', '1970-01-01 00:00:00'],
      ],
      'v',
    ],
    [
      'a value that another row has',
      'v VARCHAR(3) COLLATE utf8mb4_general_ci, UNIQUE (v)',
      [
        ['1', 'ab'],
        ['2', 'b'],
        ['3', 'AB'],
      ],
      null,
    ],
    [
      'a value that breaks a check',
      'v INT, CHECK (v < 5)',
      [
        ['1', '4'],
        ['3', '5'],
      ],
      null,
    ],
    ['NULL where there is none', 'v INT NOT NULL', [['3', null]], 'v'],
  ];
  test.each(REFUSED)('that hold %s are refused, named, and change nothing', async (_, columns, rows, column) => {
    const { stage, takesBack, plans } = await open(`CREATE TABLE t (id INT PRIMARY KEY, ${columns})`);
    await using applier = await openApplier(takesBack, plans);
    const error = await applier.apply(batch(0, 1, { 0: { rows } })).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(RejectedChange);
    const { row, rejected, table } = error as RejectedChange;
    const key = row.bytes.toString('utf8', row.cells[0], row.cells[1]);
    expect([table, key, rejected.column?.targetName ?? null]).toEqual([0, '3', column]);
    expect(await query(stage.url, 'SELECT * FROM t')).toEqual([]);
    expect(await applier.applied()).toEqual(at(0));
  });

  test('too long for the server are refused; long ones are stored', async () => {
    const { stage, takesBack, plans } = await open('CREATE TABLE t (id INT PRIMARY KEY, v LONGBLOB)');
    const [row] = await query(stage.url, 'SELECT @@max_allowed_packet AS most');
    const most = Number(row?.['most']);
    await using applier = await openApplier(takesBack, plans);
    const rows = [5, most - 1_000, 7].map((length, place) => [String(place + 1), Buffer.alloc(length, 1)]);
    await applier.apply(batch(0, 1, { 0: { rows } }));
    expect(await query(stage.url, 'SELECT id, LENGTH(v) AS n FROM t ORDER BY id')).toEqual([
      { id: 1, n: 5 },
      { id: 2, n: most - 1_000 },
      { id: 3, n: 7 },
    ]);
    const longer = batch(1, 2, { 0: { gone: [['2']], rows: [['2', Buffer.alloc(most, 1)]] } });
    await expect(applier.apply(longer)).rejects.toThrow(/max_allowed_packet/);
    expect(await applier.applied()).toEqual(at(1));
  });

  test('are refused of tables that cannot take them, before anything is written', async () => {
    const { stage, takesBack, plans } = await open(
      `CREATE TABLE t (id INT PRIMARY KEY, v INT); CREATE TABLE log (id INT)`,
    );
    const refusal = async (sql: string): Promise<unknown> => {
      await stage.run(sql);
      const obstacles = await takesBack.obstacles(plans);
      const error = await openApplier(takesBack, plans).catch((reason: unknown) => reason);
      const found = obstacles.filter(({ code }) => code === 'WAY_BACK_IMPOSSIBLE');
      return [(error as { code?: string }).code, ...found.map(({ object, reason }) => `${object}: ${reason}`)];
    };
    expect(
      await refusal('CREATE TRIGGER mine BEFORE DELETE ON t FOR EACH ROW INSERT INTO log VALUES (OLD.id)'),
    ).toEqual(['WAY_BACK_BLOCKED', 't: its triggers would fire again: mine']);
    expect(await refusal('DROP TRIGGER mine; ALTER TABLE t ADD COLUMN w INT')).toEqual([
      'PLAN_CHANGED',
      't: it has a column w that the target has not',
    ]);
    expect(await refusal('ALTER TABLE t DROP COLUMN w, MODIFY v BIGINT')).toEqual([
      'PLAN_CHANGED',
      expect.stringMatching(/^t: its column v is bigint/),
    ]);
    expect(await refusal('ALTER TABLE t MODIFY v INT, ENGINE = MyISAM')).toEqual([
      'WAY_BACK_BLOCKED',
      expect.stringMatching(/^t: its storage engine MyISAM/),
    ]);
    expect(await refusal('ALTER TABLE t ENGINE = InnoDB')).toEqual([undefined]);
  });

  test('of an attempt that has an heir, or was undone, change nothing', async () => {
    const { stage, takesBack, plans } = await open('CREATE TABLE t (id INT PRIMARY KEY)');
    const one = (from: number, to: number): ChangeBatch => batch(from, to, { 0: { rows: [[String(to)]] } });
    const late = await openApplier(takesBack, plans);
    await late.apply(one(0, 1));
    await expect(late.apply(one(0, 2))).rejects.toMatchObject({ code: 'STREAM_MOVED' });
    await using heir = await openApplier(takesBack, plans, epoch + 1);
    await expect(late.apply(one(1, 2))).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    await expect(openApplier(takesBack, plans)).rejects.toMatchObject({ code: 'EPOCH_STALE' });
    expect(await query(stage.url, 'SELECT id FROM t')).toEqual([{ id: 1 }]);
    await late[Symbol.asyncDispose]();
    await heir[Symbol.asyncDispose]();
  });

  test('need rights that are told, each with its grant', async () => {
    const { stage, plans } = await open('CREATE TABLE t (id INT PRIMARY KEY)');
    const url = new URL(stage.url);
    const user = `poor_${randomBytes(3).toString('hex')}`;
    await execute(stage.url, `CREATE USER ${user}@'%' IDENTIFIED BY 'x'; GRANT SELECT ON *.* TO ${user}@'%'`);
    [url.username, url.password] = [user, 'x'];
    await using poor = await openSource(parseDatabaseUrl('poor', url.href));
    const missing = (await poor.takesBack!.obstacles(plans)).filter(({ code }) => code === 'GRANT_MISSING');
    const grants = missing.map(({ reason }) => reason.replace(/^.*: /, '').replace(url.pathname.slice(1), 'shop'));
    expect(grants.map((grant) => grant.replace(/ TO .*/, ''))).toEqual([
      ...['INSERT', 'DELETE', 'TRIGGER'].map((right) => `GRANT ${right} ON \`shop\`.*`),
      ...['CREATE', 'DROP', 'INSERT', 'UPDATE', 'DELETE'].map((right) => `GRANT ${right} ON \`temporal_migrate\`.*`),
      `GRANT ${flavour === 'mysql' ? 'CONNECTION_ADMIN' : 'READ_ONLY ADMIN'} ON *.*`,
    ]);
    await execute(
      stage.url,
      grants.map((grant) => `${grant.replace('`shop`', `\`${url.pathname.slice(1)}\``)};`).join(''),
    );
    expect((await poor.takesBack!.obstacles(plans)).filter(({ code }) => code === 'GRANT_MISSING')).toEqual([]);
    await execute(stage.url, grants.at(-1)!.replace(/^GRANT (.*) TO /, 'REVOKE $1 FROM '));
    const codes = async (freeze: FreezeMode): Promise<string[]> =>
      (await poor.takesBack!.obstacles(plans, freeze)).flatMap(({ code }) => (code === 'GRANT_MISSING' ? [code] : []));
    expect([await codes('accounts'), await codes('readOnly')]).toEqual([[], ['GRANT_MISSING']]);
    await execute(stage.url, `DROP USER ${user}@'%'`);
  });
});
