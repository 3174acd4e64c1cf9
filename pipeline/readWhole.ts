import { UNEQUAL } from '../domain/canonicalText';
import type { PlannedTable } from '../domain/plan';
import type { RowKey } from '../domain/rowKey';
import type { CanonicalRow, Verifiable } from '../engines/engine';
import { inBatches, READ_BYTES } from './readBudget';

/** Of which rows: those with these keys, or of a table without a key one for each of these hashes. */
export interface Asked {
  readonly keys: readonly RowKey[];
  readonly hashes: readonly string[];
}

/**
 * Reads rows with every value whole, as many at once as fit into memory: first with stand-ins for long values, which
 * say how long they are, then those rows again.
 */
export async function* readWhole(
  side: Verifiable,
  table: PlannedTable,
  asked: Asked,
  signal: AbortSignal,
): AsyncGenerator<CanonicalRow> {
  const hidden: { key: RowKey; bytes: number }[] = [];
  for (const row of await side.readRows({ table, ...asked, wholeJson: false }, signal)) {
    const bytes = hiddenBytes(row.values);
    if (bytes === 0) yield row;
    else hidden.push({ key: row.key, bytes });
  }
  for (const batch of inBatches(hidden, ({ bytes }) => bytes, READ_BYTES)) {
    const keys = batch.map(({ key }) => key);
    const some = asked.hashes.length > 0 ? { keys: [], hashes: keys.map(([hash = '']) => hash) } : { keys, hashes: [] };
    yield* await side.readRows({ table, ...some, wholeJson: true, wholeText: true }, signal);
  }
}

/** Of a stand-in, which is the value's length, a colon, and its digest. */
function hiddenBytes(values: CanonicalRow['values']): number {
  return values.reduce(
    (sum, value) =>
      value?.startsWith(UNEQUAL) === true ? sum + (Number.parseInt(value.slice(UNEQUAL.length), 10) || 0) : sum,
    0,
  );
}
