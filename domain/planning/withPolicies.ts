import type { RetryRejected } from '../messages';
import type { PlannedTable, ValuePolicies } from '../plan';

/**
 * The table with other choices for the values it cannot hold, and the columns (by target name) that may then get a NULL
 * though they were planned without.
 */
export function withPolicies(
  table: PlannedTable,
  chosen: RetryRejected['mapping'],
): { table: PlannedTable; nowNullable: string[] } {
  const nowNullable: string[] = [];
  const columns = table.columns.map((column) => {
    const policies: ValuePolicies = {
      zeroDates: chosen.zeroDates ?? column.policies.zeroDates,
      nulCharacters: chosen.nulCharacters ?? column.policies.nulCharacters,
      invalidEnums: chosen.invalidEnums ?? column.policies.invalidEnums,
    };
    const { kind } = column.type;
    const admitsNull =
      ((kind === 'date' || kind === 'timestamp') && policies.zeroDates === 'null') ||
      (column.source.type.kind === 'enum' && policies.invalidEnums === 'null');
    if (admitsNull && !column.nullable) nowNullable.push(column.targetName);
    return { ...column, policies, nullable: column.nullable || admitsNull };
  });
  return { table: { ...table, columns }, nowNullable };
}
