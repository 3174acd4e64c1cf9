import type { BuildStep, TablePlan } from '../../domain/plan';
import type { MadeObject } from './control/made';
import { quoteName, quoteQualified } from './quote';

/** What a step makes, under the name the rollback log knows it by, with the SQL that removes it again. */
export function madeBy({ table }: TablePlan, { kind, name }: BuildStep): MadeObject {
  const schema = table.targetSchema;
  const owner = quoteQualified(schema, table.targetName);
  const relation = quoteQualified(schema, name);
  const dropConstraint = `ALTER TABLE IF EXISTS ${owner} DROP CONSTRAINT IF EXISTS ${quoteName(name)}`;
  switch (kind) {
    case 'type':
      return { kind, schema, name, undo: `DROP TYPE IF EXISTS ${relation}` };
    case 'table':
      return { kind, schema, name, undo: `DROP TABLE IF EXISTS ${relation}` };
    case 'primaryKey':
      return { kind, schema, name, undo: dropConstraint };
    case 'unique':
      // A constraint, or an index where the key is no list of columns.
      return { kind, schema, name, undo: `${dropConstraint};\nDROP INDEX IF EXISTS ${relation}` };
    case 'index':
      return { kind, schema, name, undo: `DROP INDEX IF EXISTS ${relation}` };
    case 'foreignKey':
    case 'check':
      // Unique within its table alone.
      return { kind, schema, name: quoteQualified(table.targetName, name), undo: dropConstraint };
    case 'identity':
    case 'foreignKeyCheck':
      return { kind, schema, name: quoteQualified(table.targetName, name), undo: '' };
    case 'comment':
    case 'analyze':
      return { kind, schema, name, undo: '' };
  }
}

/** A schema goes only when nothing is left in it. */
export function madeSchema(schema: string): MadeObject {
  return { kind: 'schema', schema, name: schema, undo: `DROP SCHEMA IF EXISTS ${quoteName(schema)} RESTRICT` };
}

/** SQL that answers a row when the object is there, with its parameters; null for what leaves nothing to look for. */
export function presenceQuery(
  { table }: TablePlan,
  { kind, name }: BuildStep,
): [sql: string, parameters: string[]] | null {
  const { targetSchema: schema, targetName } = table;
  switch (kind) {
    case 'type':
      return [
        `select 1 from pg_type t join pg_namespace n on n.oid = typnamespace where nspname = $1 and typname = $2`,
        [schema, name],
      ];
    case 'table':
    case 'primaryKey':
    case 'unique':
    case 'index':
      return [
        `select 1 from pg_class c join pg_namespace n on n.oid = relnamespace where nspname = $1 and relname = $2`,
        [schema, name],
      ];
    case 'foreignKey':
    case 'check':
      return [
        `select 1 from pg_constraint x join pg_class c on c.oid = conrelid join pg_namespace n on n.oid = relnamespace
         where nspname = $1 and relname = $2 and conname = $3`,
        [schema, targetName, name],
      ];
    case 'identity':
    case 'foreignKeyCheck':
    case 'comment':
    case 'analyze':
      return null;
  }
}

/** Tells objects of the rollback log apart. */
export function keyOf({ kind, schema, name }: Pick<MadeObject, 'kind' | 'schema' | 'name'>): string {
  return JSON.stringify([kind, schema, name]);
}
