import type { KeptRow } from '../../engine';
import type { TextRow } from '../connection';
import type { AppliedColumns } from './appliedTables';
import { keyArrays } from './keyArrays';

/** Rows of one table whose columns can be handed over as array parameters. */
export interface RowSet {
  readonly size: number;
  /** The values of some planned columns, an array for each. */
  arrays(places: readonly number[]): unknown[];
}

/** Rows as the source sent them, whole. */
export function keptRows(columns: AppliedColumns, rows: readonly KeptRow[]): RowSet {
  return { size: rows.length, arrays: (places) => keyArrays(columns.key(places), rows) };
}

/** Rows as a statement answered them, with some planned columns. */
export function answeredRows(answered: readonly number[], rows: readonly TextRow[]): RowSet {
  return {
    size: rows.length,
    arrays: (places) => places.map((place) => rows.map((row) => row[answered.indexOf(place)])),
  };
}
