import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { MigrationError } from '../../../domain/errors';
import type { ReferentialAction } from '../../../domain/catalog';
import type { TablePlan } from '../../../domain/plan';
import type { AppliedTable, ChangeApplier, ChangeStream, KeptRow, Target } from '../../../engines/engine';
import { postgresEngine } from '../../../engines/postgres';
import { applyChanges, type StreamEnd } from '../../../pipeline/applyChanges';
import type { SourceLookup } from '../../../pipeline/refreshChildren';
import { BATCH_CHANGES } from '../../../pipeline/changeBatches';
import { keepRow } from '../../../pipeline/keepRow';
import { execute, freshDatabase, query, type FreshDatabase } from '../../helpers/databases';
import { FamilySource, type Attempt } from '../../helpers/familyLog';
import { ScriptedLog, type LoggedChange } from '../../helpers/scriptedLog';
import { sharedServers } from '../../helpers/servers';
import {
  createTable,
  giveRow,
  integer,
  planOf,
  settingsOf,
  TEXT,
  text,
  type Cell,
  type TargetColumn,
} from '../../helpers/targetRows';

const number = (name: string): TargetColumn => ({
  name,
  cell: { kind: 'integer' },
  type: integer(32),
  native: 'integer',
});
const words = (name: string): TargetColumn => ({ name, cell: TEXT, type: text(), native: 'text' });

const SHAPES = {
  parents: [number('id'), words('name'), number('boss')],
  children: [number('id'), number('parent')],
  grandchildren: [number('id'), number('child')],
};
type Name = keyof typeof SHAPES;

function applied(name: Name, keys: readonly [string, Name, ReferentialAction, ReferentialAction][]): AppliedTable {
  const columns = SHAPES[name];
  const plan = planOf(name, columns);
  const foreignKeys = keys.map(([column, referencedTable, onDelete, onUpdate]) => ({
    name: `${name}_${column}`,
    columns: [column],
    referencedSchema: null,
    referencedTable,
    referencedColumns: ['id'],
    onDelete,
    onUpdate,
  }));
  const source = { ...plan.table.source, foreignKeys };
  const withKeys: TablePlan = { ...plan, table: { ...plan.table, source } };
  return { plan: withKeys, formats: columns.map(({ cell }) => cell) };
}

const FAMILY: readonly AppliedTable[] = [
  applied('parents', [['boss', 'parents', 'CASCADE', 'NO ACTION']]),
  applied('children', [['parent', 'parents', 'CASCADE', 'CASCADE']]),
  applied('grandchildren', [['child', 'children', 'SET NULL', 'CASCADE']]),
];
const NAMES = ['parents', 'children', 'grandchildren'] as const;

function kept(row: readonly Cell[]): KeptRow {
  let made: KeptRow | null = null;
  giveRow({ row: (bytes, cells) => (made = keepRow(bytes, cells)), pressure: () => null }, row);
  return made!;
}

describe('changes of a source', () => {
  let database: FreshDatabase;
  let target: Target;
  let runId: string;
  let epoch: number;
  beforeAll(async () => {
    database = await freshDatabase(sharedServers().postgresUrl);
    target = await postgresEngine.openTarget!(settingsOf(database.url));
    for (const name of NAMES) {
      await execute(database.url, `${createTable(name, SHAPES[name])}; alter table ${name} add primary key (id)`);
    }
  });
  beforeEach(begin);
  afterAll(async () => {
    await target[Symbol.asyncDispose]();
    await database.drop();
  });

  async function begin(): Promise<void> {
    runId = `run-${randomBytes(4).toString('hex')}`;
    const names = { workflowId: 'w', sourceName: 'source', targetName: 'target', fingerprint: 'f' };
    epoch = await target.control.openRun({ runId, ...names });
    await execute(database.url, `truncate ${NAMES.join(', ')}; drop index if exists one_name`);
  }

  const openApplier = (): Promise<ChangeApplier> => target.openApplier({ runId, epoch, lane: 'forward' }, FAMILY);

  /** Nothing has to be read again where every key change is in the log. */
  const NOWHERE: SourceLookup = {
    read: () => Promise.reject(new Error('nothing is looked up')),
    position: () => Promise.reject(new Error('nothing is looked up')),
  };

  async function apply(
    stream: ChangeStream,
    source = NOWHERE,
    signal = new AbortController().signal,
  ): Promise<StreamEnd> {
    await using applier = await openApplier();
    const high = (await target.control.loadStream(runId, 'forward'))!.high;
    const task = { stream, applier, tables: FAMILY, high, source, signal, onApplied: () => undefined };
    return await applyChanges(task);
  }

  async function applyTo(stream: ScriptedLog, place: number, source = NOWHERE): Promise<void> {
    await target.control.orderStop(runId, 'forward', ScriptedLog.at(place));
    const end = await apply(stream, source);
    expect(end).toMatchObject({ kind: 'drained' });
  }

  async function held(): Promise<ReadonlyMap<string, readonly (string | null)[]>[]> {
    return Promise.all(
      NAMES.map(async (name) => {
        const list = SHAPES[name].map((column) => `${column.name}::text`).join(', ');
        const rows = await query(database.url, `select ${list} from ${name} order by id`);
        return new Map(
          rows.map((row) => {
            const [key, ...others] = Object.values(row) as (string | null)[];
            return [key ?? '', others];
          }),
        );
      }),
    );
  }

  async function store(states: readonly ReadonlyMap<string, readonly (string | null)[]>[]): Promise<void> {
    const literal = (cell: string | null): string => (cell === null ? 'null' : `'${cell}'`);
    for (const [table, rows] of states.entries()) {
      for (const [key, others] of rows) {
        await execute(database.url, `insert into ${NAMES[table]} values (${[key, ...others].map(literal).join()})`);
      }
    }
  }

  /** A source as it is at a place of its log. */
  const lookup = (state: FamilySource['states'][number], place: number): SourceLookup => ({
    read: (table, { columns, values }) => {
      const [column] = columns;
      const at = SHAPES[NAMES[table]!].findIndex(({ name }) => name === column);
      const rows = [...state[table]!].map(([key, others]) => [key, ...others]);
      return Promise.resolve(rows.filter((row) => values.some(([value]) => row[at] === value)).map(kept));
    },
    position: () => Promise.resolve(ScriptedLog.at(place)),
  });

  const attempt: fc.Arbitrary<Attempt> = fc.record({
    kind: fc.constantFrom('insert', 'insert', 'insert', 'delete', 'rename', 'rekey', 'move'),
    table: fc.constantFrom(0, 0, 1, 1, 2),
    key: fc.integer({ min: 1, max: 6 }),
    other: fc.integer({ min: 1, max: 6 }),
  });
  const transactions = fc.array(fc.array(attempt, { minLength: 1, maxLength: 6 }), { minLength: 4, maxLength: 40 });

  test('lead to what it holds, whenever each row was copied, whoever dies, and although foreign keys act unlogged', async () => {
    await fc.assert(
      fc.asyncProperty(
        transactions,
        fc.double({ min: 0, max: 1, noNaN: true }),
        fc.infiniteStream(fc.nat()),
        async (given, part, moments) => {
          await begin();
          const source = new FamilySource();
          for (const attempts of given) source.commit(attempts);
          const { log, states } = source;
          const high = Math.floor(part * log.length);
          // Each key is read once, at a moment of its own before the copy's end.
          const copied = NAMES.map((_, table) => {
            const rows = new Map<string, readonly (string | null)[]>();
            for (let key = 1; key <= 6; key++) {
              const row = states[(moments.next().value as number) % (high + 1)]?.[table]?.get(String(key));
              if (row !== undefined) rows.set(String(key), row);
            }
            return rows;
          });
          await store(copied);
          await target.control.beginStream(runId, 'forward', ScriptedLog.at(0), ScriptedLog.at(high));
          // An attempt that dies amid the log, and one that ends at the high watermark.
          const dying = new AbortController();
          const death = (moments.next().value as number) % 50;
          const dies = new ScriptedLog(log, (told) => {
            if (told > death) dying.abort(new Error('killed'));
          });
          await target.control.orderStop(runId, 'forward', ScriptedLog.at(high));
          const now = lookup(states.at(-1)!, log.length);
          await apply(dies, now, dying.signal).catch((error: unknown) => {
            expect(error).toEqual(new Error('killed'));
          });
          await applyTo(new ScriptedLog(log), high, now);
          // Where rows had to be read again the high watermark is of then.
          const raised = (await target.control.loadStream(runId, 'forward'))?.high;
          if (raised?.kind === 'binlogFile') await applyTo(new ScriptedLog(log), Number(raised.offset), now);
          // What has been read further than the stop is applied, too; the rest goes on where each name is once.
          await execute(database.url, 'create unique index one_name on parents (name)');
          await applyTo(new ScriptedLog(log), log.length, now);
          expect(await held()).toEqual(states.at(-1));
        },
      ),
      { numRuns: 20, endOnFailure: true },
    );
  }, 120_000);

  test('leave nothing out that went with an earlier owner of its key, and was copied under the later one', async () => {
    const source = new FamilySource();
    const parents = (kind: Attempt['kind'], key: number, other: number): Attempt => ({ kind, table: 0, key, other });
    source.commit([parents('insert', 1, 1), parents('insert', 2, 2)]);
    source.commit([
      { kind: 'insert', table: 1, key: 5, other: 1 },
      { kind: 'insert', table: 2, key: 6, other: 5 },
    ]);
    source.commit([parents('delete', 2, 0)]);
    source.commit([parents('rekey', 1, 2)]);
    // The parents were copied at once, their children at the very end.
    await store([source.states[2]![0]!, source.states[4]![1]!, source.states[4]![2]!]);
    await target.control.beginStream(runId, 'forward', ScriptedLog.at(2), ScriptedLog.at(4));
    await applyTo(new ScriptedLog(source.log), 4, lookup(source.states[4]!, 4));
    expect(await held()).toEqual(source.states[4]);
  });

  const rows = (from: number, to: number, note = 'x'): LoggedChange[] =>
    Array.from({ length: to - from }, (_, index) => ({
      table: 0,
      before: null,
      after: [String(from + index), `${note} ${from + index}`, null],
    }));

  test('of one transaction beyond any batch are applied in parts, each once, whoever dies between them', async () => {
    const changes = BATCH_CHANGES * 2 + 500;
    const log = [rows(0, 10), rows(10, changes), [{ table: 0, before: ['3', 'x 3', null], after: null }]];
    await target.control.beginStream(runId, 'forward', ScriptedLog.at(0), ScriptedLog.at(0));
    const dying = new AbortController();
    const dies = new ScriptedLog(log, (told) => {
      if (told > changes - 100) dying.abort(new Error('killed'));
    });
    await expect(apply(dies, NOWHERE, dying.signal)).rejects.toThrow('killed');
    const state = await target.control.loadStream(runId, 'forward');
    expect(state?.applied.within).toBeGreaterThan(0);
    await applyTo(new ScriptedLog(log), log.length);
    const [count] = await query(database.url, 'select count(*)::int as n, count(distinct id)::int as d from parents');
    expect(count).toEqual({ n: changes - 1, d: changes - 1 });
  });

  test('that are of no streamed table move the position all the same', async () => {
    await target.control.beginStream(runId, 'forward', ScriptedLog.at(0), ScriptedLog.at(0));
    await applyTo(new ScriptedLog([[], [], []]), 3);
    expect((await target.control.loadStream(runId, 'forward'))?.applied.position).toEqual(ScriptedLog.at(3));
  });

  test('a value that the target cannot hold ends the stream, named; what came before it is applied', async () => {
    const log: LoggedChange[][] = [rows(1, 3), [{ table: 0, before: null, after: ['3', 'NUL \0', null] }]];
    await target.control.beginStream(runId, 'forward', ScriptedLog.at(0), ScriptedLog.at(0));
    await applyTo(new ScriptedLog(log.slice(0, 1)), 1);
    const error = await apply(new ScriptedLog(log)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(MigrationError);
    expect(error).toMatchObject({
      code: 'ROW_REJECTED',
      message: expect.stringMatching(/table parents, column name, the row id = 3: /) as unknown,
    });
    expect((await held())[0]?.size).toBe(2);
  });

  test('a stream that somebody else moves is left to them, with nothing applied twice', async () => {
    await target.control.beginStream(runId, 'forward', ScriptedLog.at(0), ScriptedLog.at(0));
    await using late = await openApplier();
    const at = (place: number) => ({ position: ScriptedLog.at(place), within: 0 });
    const nothing = { committedAtMs: null, changes: 0, steps: [], vacated: [], refreshed: null };
    await late.apply({ from: at(0), to: at(1), ...nothing });
    await expect(late.apply({ from: at(0), to: at(2), ...nothing })).rejects.toMatchObject({ code: 'STREAM_MOVED' });
    await using heir = await openApplier();
    await expect(late.apply({ from: at(1), to: at(2), ...nothing })).rejects.toMatchObject({ code: 'CONNECTION_LOST' });
    expect(await heir.applied()).toEqual(at(1));
  });
});
