import { createConnection } from 'mysql2/promise';
import type { Flavour } from '../../scripts/shop/flavour';
import { binaryTables, mariadbTables } from './corpus/binaries';
import { booleanTables } from './corpus/booleans';
import { charsetTables } from './corpus/charsets';
import { counterTables } from './corpus/counters';
import { dateTables } from './corpus/dates';
import { identifierTables } from './corpus/identifiers';
import { integerTables } from './corpus/integers';
import { jsonTables } from './corpus/jsons';
import { keyTables } from './corpus/keys';
import { labelTables } from './corpus/labels';
import { numberTables } from './corpus/numbers';
import { schemaTables } from './corpus/schemas';
import { textTables } from './corpus/texts';
import { timeTables } from './corpus/times';
import type { CorpusTable } from './corpus/types';

export type { CorpusColumn, CorpusTable, Expected, Policy, Rejected } from './corpus/types';

/**
 * Values and shapes that break migrations, each with what must arrive on PostgreSQL, written down from the two
 * servers' manuals and never computed by the code under test. Only what that version of the server has.
 */
export function corpusTables(flavour: Flavour, version: string): CorpusTable[] {
  const server = { flavour, version };
  return [
    ...integerTables(),
    ...booleanTables(),
    ...counterTables(),
    ...numberTables(),
    ...dateTables(),
    ...timeTables(server),
    ...textTables(),
    ...charsetTables(server),
    ...labelTables(),
    ...identifierTables(),
    ...binaryTables(),
    ...(flavour === 'mariadb' ? mariadbTables(server) : []),
    ...jsonTables(server),
    ...schemaTables(server),
    ...keyTables(server),
  ];
}

/** Creates and fills the tables in the database that the URL names. Tables that refer to each other go in any order. */
export async function loadCorpus(url: string, tables: readonly CorpusTable[]): Promise<void> {
  const connection = await createConnection({ uri: url.replace(/^mariadb:/, 'mysql:') });
  try {
    for (const { sessionSql, createSql, insertSql } of tables) {
      for (const statement of [...sessionSql, createSql, ...insertSql]) await connection.query(statement);
    }
  } finally {
    await connection.end();
  }
}
