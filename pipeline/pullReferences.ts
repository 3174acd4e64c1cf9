import type { ColumnValues } from '../domain/keys';
import { assert } from '../domain/errors';
import type { PlannedForeignKey, PlannedTable } from '../domain/plan';
import type { Target } from '../engines/engine';

/** So many missing references are looked up at once. */
const PAGE = 10_000;
/** And so many of them in one statement of the source. */
const VALUES_PER_CHUNK = 1_000;
/** Rows that refer to each other in a long chain are followed so far. */
const MOST_PASSES = 100;
/** What is pulled in may be so many times what was sampled, and some more. */
const MOST_TIMES = 5;
const MOST_BESIDES = 10_000;

export interface PullTask {
  readonly target: Pick<Target, 'missingReferences'>;
  readonly tables: readonly PlannedTable[];
  /** Rows that were sampled. */
  readonly sampledRows: number;
  /** Copies the rows of a table that have these values; answers how many there were. */
  readonly copy: (table: PlannedTable, among: readonly ColumnValues[]) => Promise<number>;
  readonly signal: AbortSignal;
}

/**
 * Copies the rows that copied rows refer to, and those that these refer to, until none is missing that the source has.
 * The target tells a page at a time which are missing, so memory stays small. Foreign keys that will not be valid anyway
 * pull nothing in. Answers the keys that were given up, because following them would copy far more than was sampled.
 */
export async function pullReferences(task: PullTask): Promise<PlannedForeignKey[]> {
  const { tables, sampledRows } = task;
  const references = tables.flatMap((from) =>
    from.foreignKeys.filter(({ notValid }) => !notValid).map((key) => ({ from, key, to: referenced(tables, key) })),
  );
  const most = MOST_TIMES * sampledRows + MOST_BESIDES;
  let pulled = 0;
  for (let pass = 1; pass <= MOST_PASSES && pulled <= most; pass++) {
    const before = pulled;
    for (const { from, key, to } of references) pulled += await pullKey(task, from, key, to);
    if (pulled === before) return [];
  }
  const givenUp: PlannedForeignKey[] = [];
  for (const { from, key, to } of references) if (await isMissing(task, from, key, to)) givenUp.push(key);
  return givenUp;
}

async function pullKey(
  { target, copy, signal }: PullTask,
  from: PlannedTable,
  key: PlannedForeignKey,
  to: PlannedTable,
): Promise<number> {
  const columns = key.referencedColumns.map((name) => sourceName(to, name));
  let pulled = 0;
  for (let after: readonly string[] | null = null; ;) {
    const missing: (readonly string[])[] = await target.missingReferences([from, to], key, after, PAGE, signal);
    const among: ColumnValues[] = [];
    for (let at = 0; at < missing.length; at += VALUES_PER_CHUNK)
      among.push({ columns, values: missing.slice(at, at + VALUES_PER_CHUNK) });
    if (among.length > 0) pulled += await copy(to, among);
    if (missing.length < PAGE) return pulled;
    after = missing.at(-1) ?? null;
  }
}

async function isMissing(
  { target, signal }: PullTask,
  from: PlannedTable,
  key: PlannedForeignKey,
  to: PlannedTable,
): Promise<boolean> {
  return (await target.missingReferences([from, to], key, null, 1, signal)).length > 0;
}

function referenced(tables: readonly PlannedTable[], key: PlannedForeignKey): PlannedTable {
  const table = tables.find(({ targetName }) => targetName === key.referencedTable);
  assert(table, 'a trial has the tables that its tables refer to');
  return table;
}

function sourceName({ columns, source }: PlannedTable, targetName: string): string {
  const column = columns.find((candidate) => candidate.targetName === targetName);
  assert(column, `${source.name} has the columns that a foreign key refers to`);
  return column.source.name;
}
