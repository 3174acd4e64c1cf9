import type { KeyRange } from '../domain/keys';
import type { PlannedTable } from '../domain/plan';
import { keyColumns, keyIdentity, NULL_IN_KEY, type RowKey } from '../domain/rowKey';
import type { CanonicalRow, Mismatch, Target, Verifiable } from '../engines/engine';
import { BothSides } from './bothSides';
import { compareKeyList, compareKeys } from './compareKeyList';
import { comparePart } from './comparePart';
import { Excuses } from './excuses';
import { Tally } from './mismatches';
import { rowsPerRead } from './readBudget';
import { readWhole } from './readWhole';
import { joinedChunks, wholeTable } from './verificationParts';

/** A row that the target has otherwise than the source, by the source's names, each value as canonical text. */
export interface WrittenRow {
  readonly change: 'insert' | 'update' | 'delete';
  /** Empty for a table without a key. */
  readonly key: Readonly<Record<string, string | null>>;
  /** As it is on the target; of a deleted row of a table without a key, as the source has it; else null. */
  readonly row: Readonly<Record<string, string | null>> | null;
}

export interface WrittenTask {
  readonly source: Verifiable;
  readonly target: Target;
  readonly table: PlannedTable;
  /** Behind which everything was written; null where it is not known, and every row is compared. */
  readonly horizon: string | null;
  readonly ranges: readonly KeyRange[];
  /** The keys of rows that the copy has rejected: that the target lacks them is no deletion. */
  readonly rejected: readonly (RowKey | null)[];
  readonly signal: AbortSignal;
}

type Emit = (row: WrittenRow) => Promise<void>;

/** Rows read whole at once, where they are short. */
const ROWS_AT_ONCE = 200;

/**
 * Tells every row that was inserted, changed or deleted on the target since it was found equal to the source. Nobody may
 * write to the target's table meanwhile. Memory holds a batch of rows, and the keys of deleted rows of a part.
 */
export async function findWritten(task: WrittenTask, emit: Emit): Promise<void> {
  if (task.table.chunkKey === null) return findInMultiset(task, emit);
  const inserted = await findPresent(task, emit);
  await findDeleted(task, inserted, emit);
}

/** Rows of the target that are new or changed; answers how many are new. */
async function findPresent(task: WrittenTask, emit: Emit): Promise<number> {
  const { table, target, horizon, signal } = task;
  const identify = keyIdentity(table);
  let inserted = 0;
  await target.watch.writtenKeys(
    table,
    horizon,
    async (keys) => {
      const kinds = new Map<string, Mismatch['kind']>();
      const excuses = new Excuses(table, []);
      const tally = new Tally(table, excuses, (kind, key) => kinds.set(identify(key), kind));
      await compareKeys(sidesOf(task, excuses), table, keys, tally);
      const changed = keys.filter((key) => kinds.has(identify(key)));
      for (const batch of batches(changed, rowsPerRead(table, ROWS_AT_ONCE))) {
        for await (const row of readWhole(target, table, { keys: batch, hashes: [] }, signal)) {
          const isNew = kinds.get(identify(row.key)) === 'extra';
          if (isNew) inserted += 1;
          await emit({ change: isNew ? 'insert' : 'update', key: keyOf(table, row.key), row: valuesOf(table, row) });
        }
      }
    },
    signal,
  );
  return inserted;
}

/** Rows of the source that the target has no more. The numbers of rows tell whether there are any to look for. */
async function findDeleted(task: WrittenTask, inserted: number, emit: Emit): Promise<void> {
  const { source, target, table, ranges, rejected, signal } = task;
  const sourceRows = await source.countRows(table, signal);
  const targetRows = await target.countRows(table, signal);
  if (sourceRows - rejected.length === targetRows - inserted) return;
  const excuses = new Excuses(table, rejected);
  for (const { part, rows } of joinedChunks(table, ranges, sourceRows, 'deleted')) {
    const missing: RowKey[] = [];
    const tally = new Tally(table, excuses, (kind, key) => {
      if (kind === 'missing') missing.push(key);
    });
    await compareKeyList(sidesOf(task, excuses), part, rows, tally);
    for (const key of missing) await emit({ change: 'delete', key: keyOf(table, key), row: null });
  }
}

/** Without a key a row is its values: one that was changed is one deleted and one inserted. */
async function findInMultiset(task: WrittenTask, emit: Emit): Promise<void> {
  const { source, target, table, rejected, signal } = task;
  const rows = Math.max(await source.countRows(table, signal), await target.countRows(table, signal));
  const found = { missing: new Map<string, number>(), extra: new Map<string, number>() };
  const excuses = new Excuses(table, rejected);
  const tally = new Tally(table, excuses, (kind, [hash = ''], times) => {
    if (kind !== 'different') found[kind].set(hash, (found[kind].get(hash) ?? 0) + times);
  });
  await comparePart(sidesOf(task, excuses), wholeTable(table, rows).part, rows, tally);
  for (const [kind, change, side] of [
    ['missing', 'delete', source],
    ['extra', 'insert', target],
  ] as const) {
    for (const hashes of batches([...found[kind].keys()], rowsPerRead(table, ROWS_AT_ONCE))) {
      for await (const row of readWhole(side, table, { keys: [], hashes }, signal)) {
        const times = found[kind].get(row.key[0] ?? '') ?? 0;
        for (let time = 0; time < times; time += 1) await emit({ change, key: {}, row: valuesOf(table, row) });
      }
    }
  }
}

function sidesOf({ source, target, signal }: WrittenTask, excuses: Excuses): BothSides {
  return new BothSides(source, target, excuses, signal, () => undefined);
}

function keyOf(table: PlannedTable, key: RowKey): WrittenRow['key'] {
  const entries = keyColumns(table).map(({ source }, place) => [source.name, nullable(key[place])] as const);
  return Object.fromEntries(entries);
}

function nullable(text: string | undefined): string | null {
  return text === undefined || text === NULL_IN_KEY ? null : text;
}

function valuesOf({ columns }: PlannedTable, { values }: CanonicalRow): WrittenRow['key'] {
  return Object.fromEntries(columns.map(({ source }, place) => [source.name, values[place] ?? null]));
}

function* batches<T>(items: readonly T[], size: number): Generator<T[]> {
  for (let at = 0; at < items.length; at += size) yield items.slice(at, at + size);
}
