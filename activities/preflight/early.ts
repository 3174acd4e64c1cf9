import type { PreflightOptions } from '../../domain/activityMessages';
import type { Finding } from '../../domain/finding';
import { applyMapping } from '../../domain/planning/applyMapping';
import { liveFindings } from '../../domain/planning/liveFindings';
import { planTables } from '../../domain/planning/planTables';
import { selectTables } from '../../domain/planning/selectTables';
import type { Source, Target } from '../../engines/engine';

/** As many as a person reads before mending the first of them. */
const SHOWN = 100;

/**
 * What would stop the plan whatever the rows hold: a name or type in the input that is not there, and objects of the
 * target in the way. Found here it is told at once, instead of after every row has been counted. Only what blocks is
 * answered; the plan tells all of it. Errors: NO_TABLES, MAPPING_INVALID.
 */
export async function findInPlan(
  source: Source,
  target: Target,
  { strategy, tables: filter, mapping, targetSchema, targetGrants }: PreflightOptions,
): Promise<Finding[]> {
  const catalog = await source.introspect();
  const parseType = target.parseType.bind(target);
  applyMapping(catalog, selectTables(catalog, filter), mapping, parseType);
  // Whether a value fits a type that is asked for, the rows tell, which nobody has read yet.
  const withoutTypes = {
    ...mapping,
    types: [],
    tables: Object.fromEntries(
      Object.entries(mapping.tables).map(([name, table]) => [
        name,
        {
          ...table,
          columns: Object.fromEntries(
            Object.entries(table.columns).map(([column, { name: targetName }]) => [
              column,
              targetName === undefined ? {} : { name: targetName },
            ]),
          ),
        },
      ]),
    ),
  };
  const planned = planTables(catalog, new Map(), {
    filter,
    mapping: withoutTypes,
    targetSchema,
    names: target.names,
    parseType,
  });
  const plans = planned.tables.map((table) => ({ table, ddl: target.translate(table, targetGrants).ddl }));
  const ofTheInput = planned.findings.filter(({ code }) => code === 'INPUT_WITHOUT_EFFECT');
  // Which indexes and types there will be may depend on the rows; which tables, on nothing else.
  const tables = new Set(plans.map(({ table }) => table.source.name));
  const inTheWay = (await target.existing(plans)).filter(({ object }) => tables.has(object));
  const notStreamed = strategy === 'live' ? liveFindings(planned.tables) : [];
  const blocking = [...ofTheInput, ...inTheWay, ...notStreamed].filter(({ severity }) => severity === 'blocking');
  return blocking.slice(0, SHOWN);
}
