import type { AppliedTable, KeptRow, Source } from '../engines/engine';
import { keepRow } from './keepRow';
import type { SourceLookup } from './refreshChildren';

/** Reads rows of a source as they are now, for tables by their place in the list. */
export function sourceLookup(source: Source, tables: readonly AppliedTable[], signal: AbortSignal): SourceLookup {
  return {
    async read(place, among) {
      const rows: KeptRow[] = [];
      const table = tables[place]?.plan.table;
      if (table === undefined) return rows;
      await source.copyRows(
        { table, range: { after: null, upTo: null, among }, signal },
        { row: (bytes, cells) => rows.push(keepRow(bytes, cells)), pressure: () => null },
      );
      return rows;
    },
    position: () => source.position(),
  };
}
