import { createHash } from 'node:crypto';
import type { Table } from '../domain/catalog';
import { stableTable } from '../domain/schemaChanges';

/** A hash over what the plan was made from: definitions, without the counters and estimates that move with the data. */
export function fingerprintOf(tables: readonly Table[]): string {
  return sha256(tables.map(stableTable));
}

/** The hash of anything made of JSON. */
export function sha256(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('hex');
}
