import type { TableResult } from '../result';

export interface Totals {
  readonly tables: number;
  readonly sourceRows: number;
  readonly targetRows: number;
  readonly verifiedRows: number;
  readonly mismatches: number;
  readonly bytes: number;
}

export function totalsOf(tables: readonly TableResult[]): Totals {
  const sum = (number: (table: TableResult) => number): number =>
    tables.reduce((total, table) => total + number(table), 0);
  return {
    tables: tables.length,
    sourceRows: sum((table) => table.sourceRows),
    targetRows: sum((table) => table.targetRows),
    verifiedRows: sum((table) => table.verifiedRows),
    mismatches: sum((table) => table.mismatches),
    bytes: sum((table) => table.bytes),
  };
}
