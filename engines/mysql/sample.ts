import type { ColumnValues, KeyRange } from '../../domain/keys';
import type { PlannedTable } from '../../domain/plan';
import { assert } from '../../domain/errors';
import { keysSql } from './fingerprint/keySql';
import type { Flavour } from './flavour';
import { fromRange } from './keyset';
import { quoteName } from './quote';

/** What selects the rows of a range, also of one that a trial takes: `FROM … WHERE …`. */
export function fromSample(table: PlannedTable, range: KeyRange, flavour: Flavour): string {
  const name = quoteName(table.source.name);
  if (range.among !== undefined) return `FROM ${name} WHERE ${amongSql(table, range.among, flavour)}`;
  // Without any index there is one order to read in, so that the same moment gives the same rows.
  if (range.first !== undefined) return `FROM ${name} USE INDEX () LIMIT ${range.first}`;
  return fromRange(table, range);
}

/** The condition that a row has one of these values. */
export function amongSql(table: PlannedTable, { columns, values }: ColumnValues, flavour: Flavour): string {
  const planned = columns.map((name) => {
    const column = table.columns.find(({ source }) => source.name === name);
    assert(column, `${table.source.name} is looked up by planned columns`);
    return column;
  });
  return keysSql(planned, values, flavour);
}
