import type { Table } from '../domain/catalog';
import { MigrationError } from '../domain/errors';
import type { PlannedTable, TablePlan, TargetGrant } from '../domain/plan';
import { followAlteration, holdsAll, type FormerNames } from '../domain/planning/planAlteration';
import { liveFindings } from '../domain/planning/liveFindings';
import type { PlanOptions } from '../domain/planning/planTables';
import { replanTable, type Replanned } from '../domain/planning/replanTable';
import { selectTables } from '../domain/planning/selectTables';
import { keyColumns } from '../domain/rowKey';
import { schemaChanges } from '../domain/schemaChanges';
import type { ChangeStatement, SchemaChange, Source, Target, RunWork } from '../engines/engine';

export interface SchemaChangeTask {
  readonly source: Source;
  readonly target: Target;
  /** Its lane is the stream's name. */
  readonly work: RunWork;
  readonly change: SchemaChange;
  readonly options: Pick<PlanOptions, 'filter' | 'mapping' | 'targetSchema'> & {
    readonly grants: readonly TargetGrant[];
  };
}

/** A schema change as a person decides about it. */
export interface SchemaChangeProposal {
  readonly statement: string;
  /** Source names of the tables that the statement may change. */
  readonly tables: readonly string[];
  /** What would be run on the target; null when nothing is proposed, an empty list when nothing need be run. */
  readonly statements: readonly string[] | null;
  /** Why nothing is proposed; empty when something is. */
  readonly reason: string;
  /** False when the stream cannot go on behind it, whatever a person does on the target. */
  readonly followable: boolean;
  /** What to know before deciding, in sentences. */
  readonly notes: readonly string[];
}

/** A schema change with all that following it takes. */
export interface UnderstoodChange {
  readonly proposal: SchemaChangeProposal;
  readonly statements: readonly ChangeStatement[];
  /** The tables as the source has them now; none where it cannot be followed. */
  readonly tables: readonly ReplannedTable[];
  /** The selected tables of the source's catalog. */
  readonly now: readonly Table[];
}

type ReplannedTable = Replanned & { readonly before: PlannedTable; readonly plan: TablePlan };

/**
 * What a schema change of the source means for the target. Reads both sides and changes nothing. Errors: those of both
 * servers.
 */
export async function proposeSchemaChange(task: SchemaChangeTask): Promise<SchemaChangeProposal> {
  return (await understandSchemaChange(task)).proposal;
}

/** As proposeSchemaChange, with what following it takes. */
export async function understandSchemaChange(task: SchemaChangeTask): Promise<UnderstoodChange> {
  const { source, target, work, change, options } = task;
  const { statement, tables: names } = change;
  const catalog = await source.introspect();
  const plans = await target.control.loadPlan(work.runId, null);
  const facts = await target.control.loadFacts(work.runId);
  const changed = plans.filter(({ table }) => names.includes(table.source.name));
  const ended = (reason: string): UnderstoodChange => ({
    proposal: { statement, tables: names, statements: null, reason, followable: false, notes: ENDED },
    ...{ statements: [], tables: [], now: [] },
  });

  const present = new Set(catalog.tables.map(({ name }) => name));
  const gone = changed.map(({ table }) => table.source.name).filter((name) => !present.has(name));
  if (gone.length > 0) return ended(`the source has no ${gone.join(', ')} any more`);
  const read = readChange(task, plans, changed, catalog.tables);
  const former: FormerNames = typeof read === 'string' ? new Map<string, string>() : read;
  let tables: ReplannedTable[];
  try {
    tables = changed.map(({ table: before }) => {
      const planned = replanTable(before, former, catalog, facts, {
        ...options,
        names: target.names,
        parseType: (spelling) => target.parseType(spelling),
      });
      const { ddl } = target.translate(planned.table, options.grants);
      return { ...planned, before, plan: { table: planned.table, ddl } };
    });
  } catch (error) {
    if (error instanceof MigrationError && error.code === 'MAPPING_INVALID') return ended(error.message);
    throw error;
  }
  const unfollowable = whyNotStreamed(tables, plans, former);
  if (unfollowable.length > 0) return ended(unfollowable.join('; '));

  const now = selectTables(catalog, options.filter);
  const shown = (reason: string): UnderstoodChange => ({
    proposal: { statement, tables: names, statements: null, reason, followable: true, notes: BY_HAND },
    ...{ statements: [], tables, now },
  });
  const [only] = tables;
  if (typeof read === 'string' || only === undefined) return shown(typeof read === 'string' ? read : NO_TABLE);
  const { statements, problems, notes } = target.proposeChange(only.before, only.plan, former);
  if (problems.length > 0) return shown(problems.join('; '));
  const sql = statements.map((each) => each.sql);
  return {
    proposal: { statement, tables: names, statements: sql, reason: '', followable: true, notes },
    ...{ statements, tables, now },
  };
}

const NO_TABLE = 'the statement changes no table that is planned';
const ENDED = ['The stream cannot go on behind this statement: begin a new migration.'];
const BY_HAND = [
  'Change the target so that its table has the columns that the source has now, and do what the statement did to rows; then resume without applying. The columns are checked, and what the rows hold is compared before the cutover.',
  'Where the target needs no change, as for an index, resume as it is. Make no keys, foreign keys or triggers there: those of the plan are made when its others are.',
];

/** Former column names by the present ones; or why the statement is only shown. */
function readChange(
  { source, change }: SchemaChangeTask,
  plans: readonly TablePlan[],
  changed: readonly TablePlan[],
  now: readonly Table[],
): FormerNames | string {
  const reader = source.changes?.alterations;
  const [only] = changed;
  if (change.tables.length !== 1 || only === undefined) return 'it may be about more than one table';
  const alteration = reader?.read(change.statement) ?? null;
  if (reader === undefined || alteration === null) {
    return 'only ALTER TABLE that adds columns which admit NULL or have a constant, drops or renames columns, or gives them a wider type, is translated';
  }
  const { source: before } = only.table;
  const table = now.find(({ name }) => name === before.name);
  if (table === undefined) return NO_TABLE;
  if (alteration.table.toLowerCase() !== before.name.toLowerCase()) {
    // It is about another table, and has the name of this one somewhere in it.
    const isAsBefore = schemaChanges([before], [table]).length === 0;
    return isAsBefore ? new Map(before.columns.map(({ name }) => [name, name])) : NO_TABLE;
  }
  const others = plans.filter((plan) => plan !== only).map((plan) => plan.table.source);
  const followed = followAlteration(before, alteration, table, others, (...given) => reader.declares(...given));
  return followed.kind === 'followed' ? followed.former : followed.reason;
}

/** Why a table cannot be streamed any more that could be before. */
function whyNotStreamed(tables: readonly ReplannedTable[], plans: readonly TablePlan[], former: FormerNames): string[] {
  const replanned = new Map(tables.map(({ before, table }) => [before.source.name, table]));
  const before = plans.map(({ table }) => table);
  const after = before.map((table) => replanned.get(table.source.name) ?? table);
  const notStreamed = (of: readonly PlannedTable[]) =>
    liveFindings(of).filter(({ code }) => code === 'TABLE_NOT_STREAMED');
  const known = new Set(notStreamed(before).map(({ object }) => object));
  const found = notStreamed(after).filter(({ object }) => !known.has(object));
  return [
    ...found.map(({ object, reason }) => `${object}: ${reason}`),
    ...tables.flatMap((each) =>
      hasSameKey(each, former) ? [] : [`the rows of ${each.table.source.name} have another key now`],
    ),
  ];
}

/** Rows are followed, and chunks are cut, by the key that there was at first; only its columns' names may be others. */
function hasSameKey({ before, table }: ReplannedTable, former: FormerNames): boolean {
  const [was, is] = [keyColumns(before), keyColumns(table)];
  return (
    was.length === is.length &&
    is.every(({ source }, place) => {
      const earlier = was[place]?.source;
      const name = former.get(source.name) ?? source.name;
      return earlier?.name === name && holdsAll(source.type, earlier.type);
    })
  );
}
