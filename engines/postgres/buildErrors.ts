import { MigrationError } from '../../domain/errors';
import type { BuildStep, TablePlan } from '../../domain/plan';
import { serverError } from './errors';

/** SQLSTATEs that mean the rows, or somebody else's objects, stand in the way, and what to do about each. */
const ADVICE: Readonly<Record<string, string>> = {
  '23505': 'two rows have this key on the target: what the source keeps apart is the same here, or the other way round',
  '23503': 'a row refers to nothing: mend it on the source, or set mapping.orphans to "notValid"',
  '23502': 'a row holds NULL where the key admits none',
  '23514': 'a row breaks the check',
  '54000': 'an entry is too long for an index: leave the index out, or shorten the value',
  '42P07':
    'an object of that name is there already and was not made by this migration: drop it, or choose another targetSchema',
  '42710':
    'an object of that name is there already and was not made by this migration: drop it, or choose another targetSchema',
};

const SHOWN_DETAIL = 300;

/** A failed step as BUILD_FAILED, where its cause is not the connection or the server: with the key it failed on. */
export function buildError(error: unknown, { table }: TablePlan, step: BuildStep): unknown {
  const cause = serverError(error);
  const advice = ADVICE[cause?.code ?? ''];
  if (!cause || advice === undefined) return error;
  const where = `${table.targetSchema}.${table.targetName} (source table ${table.source.name})`;
  // The server names the key and its values here, and no more of the row.
  const detail = cause.detail === undefined ? '' : ` ${cause.detail.slice(0, SHOWN_DETAIL)}`;
  return new MigrationError(
    'BUILD_FAILED',
    `${where}: ${step.kind} "${step.name}" cannot be made: ${cause.message}.${detail} ${advice}`,
    { cause, details: { table: table.source.name, step: step.kind, name: step.name } },
  );
}
