import type { DatabaseSettings } from '../../domain/connection';
import type { ForeignKey, ReferentialAction } from '../../domain/catalog';
import { assert } from '../../domain/errors';
import { openSession } from './connection';
import { quoteName } from './quote';

/** Statements in one round trip: enough to make it cheap over a slow line, few enough to stay small. */
const STATEMENTS_AT_ONCE = 100;

/** Runs the statements in batches, on a session of their own; answers the rows of each. */
export async function queryInBatches(
  settings: DatabaseSettings,
  statements: readonly string[],
): Promise<(string | null)[][][]> {
  if (statements.length === 0) return [];
  await using session = await openSession(settings, { severalStatements: true });
  const results: (string | null)[][][] = [];
  for (let start = 0; start < statements.length; start += STATEMENTS_AT_ONCE) {
    results.push(...(await session.queryEach(statements.slice(start, start + STATEMENTS_AT_ONCE))));
  }
  return results;
}

/** The SHOW CREATE TABLE text of each table, without the counter that moves with the data. */
export async function readDefinitions(
  settings: DatabaseSettings,
  tables: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const results = await queryInBatches(
    settings,
    tables.map((table) => `SHOW CREATE TABLE ${quoteName(table)}`),
  );
  return new Map(
    tables.map((table, index) => {
      const definition = results[index]?.[0]?.[1];
      assert(typeof definition === 'string', `SHOW CREATE TABLE answers a definition of ${table}`);
      return [table, definition.replace(/^(\)[^'\n]*?) AUTO_INCREMENT=\d+/m, '$1')];
    }),
  );
}

/**
 * Told apart by what stands between the names: MariaDB before 10.11.19 does not double a backtick within one.
 */
const FOREIGN_KEY = new RegExp(
  '^  CONSTRAINT `(.+?)` FOREIGN KEY \\(`(.+?)`\\) REFERENCES (?:`(.+?)`\\.)?`(.+?)` \\(`(.+?)`\\)' +
    '((?: ON (?:DELETE|UPDATE) (?:CASCADE|SET NULL|SET DEFAULT|NO ACTION|RESTRICT))*),?$',
  'gm',
);

/**
 * A table's foreign keys, from its definition: MariaDB hides REFERENTIAL_CONSTRAINTS from a user who may only read,
 * and never the definition.
 */
export function readForeignKeys(definition: string): ForeignKey[] {
  return [...definition.matchAll(FOREIGN_KEY)].map(([, name, columns, schema, table, referenced, actions]) => ({
    name: unquote(name ?? ''),
    columns: readNames(columns ?? ''),
    referencedSchema: schema === undefined ? null : unquote(schema),
    referencedTable: unquote(table ?? ''),
    referencedColumns: readNames(referenced ?? ''),
    onDelete: actionOf(actions ?? '', 'DELETE'),
    onUpdate: actionOf(actions ?? '', 'UPDATE'),
  }));
}

function readNames(list: string): string[] {
  return list.split(/`, ?`/).map(unquote);
}

function unquote(name: string): string {
  return name.replaceAll('``', '`');
}

function actionOf(actions: string, event: 'DELETE' | 'UPDATE'): ReferentialAction {
  const match = new RegExp(`ON ${event} (CASCADE|SET NULL|SET DEFAULT|NO ACTION|RESTRICT)`).exec(actions);
  return (match?.[1] as ReferentialAction | undefined) ?? 'NO ACTION';
}
