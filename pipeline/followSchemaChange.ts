import type { Table } from '../domain/catalog';
import { MigrationError } from '../domain/errors';
import { followAlteration, holdsAll, type FormerNames } from '../domain/planning/planAlteration';
import { liveFindings } from '../domain/planning/liveFindings';
import type { PlanOptions } from '../domain/planning/planTables';
import { replanTable, type Replanned } from '../domain/planning/replanTable';
import { selectTables } from '../domain/planning/selectTables';
import type { PlannedTable, TablePlan, TargetGrant } from '../domain/plan';
import { keyColumns } from '../domain/rowKey';
import type { AppliedPosition, ChangeStatement, SchemaChange, Source, Target, RunWork } from '../engines/engine';

export interface SchemaChangeTask {
  readonly source: Source;
  readonly target: Target;
  /** Its lane is the stream's name. */
  readonly work: RunWork;
  readonly change: SchemaChange;
  readonly options: Pick<PlanOptions, 'filter' | 'mapping' | 'targetSchema'> & {
    readonly grants: readonly TargetGrant[];
  };
  /** As the run's own was made. */
  readonly fingerprintOf: (tables: readonly Table[]) => string;
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
  /** What to know before deciding, in sentences. */
  readonly notes: readonly string[];
}

/** What of a schema change is known, with all that following it takes. */
interface Understood {
  readonly proposal: SchemaChangeProposal;
  readonly statements: readonly ChangeStatement[];
  /** The tables as the source has them now; none where one of them is gone. */
  readonly tables: readonly (Replanned & { readonly before: PlannedTable; readonly plan: TablePlan })[];
  /** Where the statement is understood; else empty. */
  readonly former: FormerNames;
  /** Names of tables that the source has no more. */
  readonly gone: readonly string[];
  readonly now: readonly Table[];
}

/**
 * What a schema change of the source means for the target. Reads both sides and changes nothing. Errors: those of both
 * servers; MAPPING_INVALID.
 */
export async function proposeSchemaChange(task: SchemaChangeTask): Promise<SchemaChangeProposal> {
  return (await understand(task)).proposal;
}

/**
 * Has a stream that ended with a schema change go on behind it: with the proposed statements (`apply`), or with the
 * target as a person has changed it. Idempotent: what was done before is only told (`followedBefore`). Errors:
 * SCHEMA_CHANGE_FAILED when nothing is proposed, or the target's tables are not, or cannot become, what they must be;
 * STREAM_MOVED; EPOCH_STALE; those of both servers. After an error nothing is changed.
 */
export async function followSchemaChange(
  task: SchemaChangeTask,
  apply: boolean,
): Promise<{ readonly followedBefore: boolean }> {
  const { target, work, change, fingerprintOf } = task;
  const from = await standing(task);
  if (from === null) return { followedBefore: true };
  const { proposal, statements, tables, former, gone, now } = await understand(task);
  if (gone.length > 0) {
    throw failed(`the source has no ${gone.join(', ')} any more: begin a new migration without it`);
  }
  const unfollowable = tables.flatMap(({ before, table }) => whyNotStreamed(before, table, former));
  if (unfollowable.length > 0) throw failed(`${unfollowable.join('; ')}: begin a new migration`);
  if (apply && proposal.statements === null)
    throw failed(`nothing is proposed for ${change.statement}: ${proposal.reason}`);
  await target.changeTables(work, {
    from,
    to: change.behind,
    statements: apply ? statements : [],
    tables: tables.map(({ plan, facts }) => ({ plan, facts })),
    fingerprint: fingerprintOf(now),
  });
  return { followedBefore: false };
}

/** Where the stream stands, in front of the statement; null when it is behind it already. Errors: STREAM_MOVED. */
async function standing({ source, target, work, change }: SchemaChangeTask): Promise<AppliedPosition | null> {
  const applied = (await target.control.loadStream(work.runId, work.lane))?.applied;
  const stream = source.changes;
  if (applied !== undefined && stream !== undefined) {
    if (stream.contains(applied.position, change.behind)) return null;
    if (applied.within === 0 && stream.contains(applied.position, change.position)) return applied;
  }
  throw new MigrationError(
    'STREAM_MOVED',
    `stream ${work.lane} of run ${work.runId} does not stand in front of the statement`,
  );
}

async function understand(task: SchemaChangeTask): Promise<Understood> {
  const { source, target, work, change, options } = task;
  const catalog = await source.introspect();
  const plans = await target.control.loadPlan(work.runId, null);
  const changed = plans.filter(({ table }) => change.tables.includes(table.source.name));
  const here = new Set(catalog.tables.map(({ name }) => name));
  const gone = changed.map(({ table }) => table.source.name).filter((name) => !here.has(name));
  const shown = (reason: string, tables: Understood['tables'], now: readonly Table[]): Understood => ({
    proposal: { statement: change.statement, tables: change.tables, statements: null, reason, notes: BY_HAND },
    statements: [],
    ...{ tables, former: new Map<string, string>(), gone, now },
  });
  if (gone.length > 0) return shown(`the source has no ${gone.join(', ')} any more`, [], []);
  const now = selectTables(catalog, options.filter);
  const facts = await target.control.loadFacts(work.runId);
  const read = readChange(task, plans, changed, now);
  const former: FormerNames = typeof read === 'string' ? new Map<string, string>() : read;
  const tables = changed.map(({ table: before }) => {
    const planned = replanTable(before, former, catalog, facts, {
      ...options,
      names: target.names,
      parseType: (spelling) => target.parseType(spelling),
    });
    return {
      ...planned,
      before,
      plan: { table: planned.table, ddl: target.translate(planned.table, options.grants).ddl },
    };
  });
  const [before, after] = [changed[0], tables[0]];
  if (typeof read === 'string' || before === undefined || after === undefined) {
    return shown(typeof read === 'string' ? read : 'the statement is about no table that is planned', tables, now);
  }
  const { statements, problems, notes } = target.proposeChange(before.table, after.plan, former);
  const against = [...problems, ...whyNotStreamed(before.table, after.table, former)];
  if (against.length > 0) return shown(against.join('; '), tables, now);
  return {
    proposal: {
      statement: change.statement,
      tables: change.tables,
      statements: statements.map(({ sql }) => sql),
      reason: '',
      notes,
    },
    ...{ statements, tables, former, gone, now },
  };
}

const BY_HAND: readonly string[] = [
  'Change the target so that its table has the columns that the source has now, and what the statement did to rows, then resume: the columns are checked, and what the rows hold is compared before the cutover.',
  'Where the statement changed nothing that the target has, such as an index, resume as it is.',
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
  if (reader === undefined || only === undefined || change.tables.length !== 1)
    return 'the statement is about more than one table';
  const { source: before } = only.table;
  const table = now.find(({ name }) => name === before.name);
  if (table === undefined) return 'the table is not selected any more';
  const alteration = reader.read(change.statement);
  if (alteration === null) {
    return 'only ALTER TABLE that adds columns which admit NULL or have a constant, drops or renames columns, or gives them a wider type, is translated';
  }
  const others = plans.filter((plan) => plan !== only).map((plan) => plan.table.source);
  const followed = followAlteration(before, alteration, table, others, (...given) => reader.declares(...given));
  return followed.kind === 'followed' ? followed.former : followed.reason;
}

/** Rows are followed, and chunks are cut, by the key that there was at first; only its columns' names may be others. */
function whyNotStreamed(before: PlannedTable, after: PlannedTable, former: FormerNames): string[] {
  const found = liveFindings([after]).filter(({ code }) => code === 'TABLE_NOT_STREAMED');
  const [was, is] = [keyColumns(before), keyColumns(after)];
  const isSameKey =
    was.length === is.length &&
    is.every(({ source }, place) => {
      const earlier = was[place]?.source;
      const name = former.get(source.name) ?? source.name;
      return earlier?.name === name && holdsAll(source.type, earlier.type);
    });
  return [
    ...found.map(({ object, reason }) => `${object}: ${reason}`),
    ...(isSameKey ? [] : [`the rows of ${after.source.name} have another key now`]),
  ];
}

function failed(why: string): MigrationError {
  return new MigrationError('SCHEMA_CHANGE_FAILED', why);
}
