import { readCells } from '../../domain/canonicalCells';
import { assert } from '../../domain/errors';
import type { PlannedForeignKey, PlannedTable } from '../../domain/plan';
import type { PostgresSession } from './connection';
import { wholeCell } from './fingerprint/cells';
import { rangeSql } from './fingerprint/keySql';
import { quoteName, quoteQualified } from './quote';

/** As Target.missingReferences says. A reference with a NULL in it refers to nothing, and misses nothing. */
export async function missingReferences(
  session: PostgresSession,
  [from, to]: readonly [from: PlannedTable, to: PlannedTable],
  key: PlannedForeignKey,
  after: readonly string[] | null,
  first: number,
  signal: AbortSignal,
): Promise<(readonly string[])[]> {
  const columns = key.columns.map((name) => {
    const column = from.columns.find(({ targetName }) => targetName === name);
    assert(column, `the foreign key ${key.targetName} is of planned columns`);
    return column;
  });
  const values: unknown[] = [];
  const names = columns.map(({ targetName }) => quoteName(targetName));
  const referenced = key.referencedColumns.map((name, index) => `found.${quoteName(name)} = refers.${names[index]}`);
  const conditions = [
    ...names.map((name) => `${name} is not null`),
    `not exists (select from ${nameOf(to)} as found where ${referenced.join(' and ')})`,
    ...rangeSql(columns, { after, upTo: null }, (value) => `$${values.push(value)}`),
  ];
  const cells = columns.map((column) => wholeCell(column));
  const rows = await session.query(
    `select ${cells.flat().join(', ')} from (select distinct ${names.join(', ')} from ${nameOf(from)} as refers
     where ${conditions.join(' and ')} order by ${names.join(', ')} limit ${first}) as missing`,
    values,
    signal,
  );
  return rows.map((row) => readCells(cells, row, 0).map((text) => text ?? ''));
}

function nameOf({ targetSchema, targetName }: PlannedTable): string {
  return quoteQualified(targetSchema, targetName);
}
