import { createHash } from 'node:crypto';
import type { Table } from '../domain/catalog';

/** A hash over what the plan was made from: definitions, without the counters and estimates that move with the data. */
export function fingerprintOf(tables: readonly Table[]): string {
  const stable = tables.map((table) => ({
    ...table,
    estimatedRows: 0,
    bytes: 0,
    definition: '',
    columns: table.columns.map((column) => ({ ...column, identity: column.identity !== null })),
  }));
  return sha256(stable);
}

/** The hash of anything made of JSON. */
export function sha256(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
