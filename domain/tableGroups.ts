/** What grouping needs to know of a table. */
interface Sized {
  readonly name: string;
  readonly bytes: number;
}

export interface TableGroup {
  /** The table's name, or `batch-<n>`; part of a child workflow's id. */
  readonly label: string;
  readonly tables: readonly string[];
  /** How many lanes may work on it at once. */
  readonly lanes: number;
}

/** A batch is kept short enough to be seen moving. */
const BATCH_TABLES = 200;

/**
 * Large tables stand alone, largest first, and all lanes work on one. Small ones share a batch of about a chunk's size,
 * because starting a child workflow costs more than copying a small table.
 */
export function groupTables(tables: readonly Sized[], chunkBytes: number, parallelism: number): TableGroup[] {
  const bySize = [...tables].sort((a, b) => b.bytes - a.bytes || (a.name < b.name ? -1 : 1));
  const isLarge = (table: Sized): boolean => table.bytes > chunkBytes / 2;
  const large = bySize
    .filter(isLarge)
    .map((table) => ({ label: table.name, tables: [table.name], lanes: parallelism }));
  const batches: { tables: string[]; bytes: number }[] = [];
  for (const table of bySize.filter((small) => !isLarge(small))) {
    let batch = batches.at(-1);
    if (batch === undefined || batch.tables.length >= BATCH_TABLES || batch.bytes + table.bytes > chunkBytes) {
      batch = { tables: [], bytes: 0 };
      batches.push(batch);
    }
    batch.tables.push(table.name);
    batch.bytes += table.bytes;
  }
  const names = new Set(tables.map((table) => table.name));
  const unlikeTable = (label: string): string => (names.has(label) ? unlikeTable(`${label}-`) : label);
  return [
    ...large,
    ...batches.map((batch, index) => ({ label: unlikeTable(`batch-${index + 1}`), tables: batch.tables, lanes: 1 })),
  ];
}
