import type { Checks } from '../domain/observe/observation';
import type { PlannedTable } from '../domain/plan';
import { keyIdentity } from '../domain/rowKey';
import type { Source, Target } from '../engines/engine';
import { BothSides } from './bothSides';
import { compareKeys } from './compareKeyList';
import { Excuses } from './excuses';
import { Tally } from './mismatches';

/** Rows of a table that one look takes: few enough that neither side feels it. */
const ROWS = 50;

export interface SampleTask {
  readonly table: PlannedTable;
  readonly target: Target;
  /** Null where its rows cannot be compared: it is not frozen, or does not answer. */
  readonly source: Source | null;
  /** Behind which the application writes; null where it is not known. */
  readonly horizon: string | null;
  readonly signal: AbortSignal;
}

/**
 * Checks some rows of a table that is at work: they refer to rows that are there, and those that nobody has written
 * since the commit point still equal the source's.
 */
export async function checkSample(task: SampleTask): Promise<Checks> {
  const { table, target } = task;
  const references = await target.watch.checkReferences(table, ROWS);
  const broken = references.filter(({ failed }) => failed > 0);
  const compared = await compareUnwritten(task);
  return {
    checked: references.reduce((sum, { checked }) => sum + checked, compared.checked),
    failed: broken.reduce((sum, { failed }) => sum + failed, compared.failed),
    failures: [
      ...broken.map(({ key }) => `rows of ${table.source.name} refer to no row (foreign key ${key})`),
      ...(compared.failed === 0
        ? []
        : [`rows of ${table.source.name} differ from the source, though nobody has written them since the cutover`]),
    ],
  };
}

/** What differs counts only when nobody has written it in between: the application may change any row at any time. */
async function compareUnwritten({
  table,
  target,
  source,
  horizon,
  signal,
}: SampleTask): Promise<Omit<Checks, 'failures'>> {
  if (source === null || horizon === null || table.chunkKey === null) return { checked: 0, failed: 0 };
  const keys = await target.watch.sampleUnwritten(table, horizon, ROWS);
  if (keys.length === 0) return { checked: 0, failed: 0 };
  const excuses = new Excuses(table, []);
  const identify = keyIdentity(table);
  const differing = new Set<string>();
  const tally = new Tally(table, excuses, (kind, key) => {
    if (kind !== 'missing') differing.add(identify(key));
  });
  await compareKeys(new BothSides(source, target, excuses, signal, () => undefined), table, keys, tally);
  const suspects = keys.filter((key) => differing.has(identify(key)));
  const unwritten = suspects.length === 0 ? [] : await target.watch.stillUnwritten(table, suspects, horizon);
  return { checked: keys.length, failed: unwritten.length };
}
