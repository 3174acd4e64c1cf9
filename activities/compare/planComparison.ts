import type { ComparisonOptions } from '../../domain/activityMessages';
import type { Finding } from '../../domain/finding';
import type { PlannedTable } from '../../domain/plan';
import { mappingFor, matchTarget } from '../../domain/planning/matchTarget';
import { planTables } from '../../domain/planning/planTables';
import type { Mapping } from '../../domain/mapping';
import type { Source, Target } from '../../engines/engine';

/**
 * What of the source is compared with what of the target, told by the source's catalog, the mapping, and the types that
 * the target has; nothing is proved by reading rows. It is the same each time, as long as neither schema changes.
 * Errors: NO_TABLES, MAPPING_INVALID.
 */
export async function planComparison(
  source: Source,
  target: Target,
  { tables: filter, mapping, targetSchema }: ComparisonOptions,
): Promise<{ tables: PlannedTable[]; findings: Finding[] }> {
  const whole = await source.introspect();
  // Foreign keys would tie types together that the target need not have tied.
  const catalog = { ...whole, tables: whole.tables.map((table) => ({ ...table, foreignKeys: [] })) };
  const parseType = target.parseType.bind(target);
  const planWith = (given: Mapping) =>
    planTables(catalog, new Map(), { filter, mapping: given, targetSchema, names: target.names, parseType });
  const asked = planWith(mapping);
  const typed = asked.tables.map((table) => ({ table, nativeTypes: target.translate(table).ddl.nativeTypes }));
  const stored = await target.storedTables(
    targetSchema,
    asked.tables.map(({ targetName }) => targetName),
  );
  const match = matchTarget(typed, stored, parseType);
  const tables = planWith(mappingFor(mapping, match))
    .tables.filter(({ source: { name } }) => !match.missing.has(name))
    .map((table) => {
      const without = match.leftOut.get(table.source.name) ?? new Set();
      return { ...table, columns: table.columns.filter(({ source: column }) => !without.has(column.name)) };
    });
  const ofTheInput = asked.findings.filter(({ code }) => code === 'INPUT_WITHOUT_EFFECT');
  return { tables, findings: [...ofTheInput, ...match.findings] };
}
