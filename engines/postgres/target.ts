import type { DatabaseSettings } from '../../domain/connection';
import type { Finding } from '../../domain/finding';
import type { PlannedForeignKey, PlannedTable, TablePlan, TargetDdl, TargetGrant } from '../../domain/plan';
import type { StoredTables } from '../../domain/planning/matchTarget';
import type {
  AppliedTable,
  ChangeApplier,
  ControlStore,
  CopyLane,
  Probe,
  ProposedChange,
  RunKey,
  RunWork,
  ServerFolder,
  ServerIdentity,
  TableChange,
  Target,
  TargetBackup,
  TargetChanges,
  TargetWatch,
  Verifiable,
} from '../engine';
import { proposeStatements } from './alterTable';
import { openApplier } from './apply/applier';
import { PostgresBackup } from './backup';
import { changeTables } from './changeTable';
import { postgresChanges } from './changes';
import { connect, type PostgresSession } from './connection';
import { createControlStore } from './control';
import { createMadeLog } from './control/made';
import { quoteName, quoteQualified } from './quote';
import { uncheckedForeignKeySteps } from './ddlBuild';
import { postgresVerification } from './fingerprint';
import { openLane } from './lane';
import { roleFindings } from './grants';
import { postgresNames } from './names';
import { settleOrphans } from './orphans';
import { findInPreflight } from './preflight';
import { missingReferences } from './references';
import { postgresProbe, readDataFolder } from './probe';
import { readServer, type ServerFacts } from './serverIdentity';
import { createSteps } from './steps';
import { readStoredTables } from './storedTables';
import { translateTable } from './translate';
import { parseType } from './types';
import { postgresWatch } from './watch';

/** Opens a PostgreSQL database as a target; a login that fails shows here. */
export async function openPostgresTarget(settings: DatabaseSettings): Promise<Target> {
  const session = await connect(settings);
  try {
    return new PostgresTarget(settings, session, await readServer(session));
  } catch (error) {
    await session[Symbol.asyncDispose]();
    throw error;
  }
}

type Steps = ReturnType<typeof createSteps>;
type Tail<All extends unknown[]> = All extends [unknown, ...infer Others] ? Others : never;

/**
 * Composes what the other files of this folder do. The control store has a session of its own, so that it answers while
 * an index is built or a table is hashed in the other one, which is opened when first needed.
 */
class PostgresTarget implements Target {
  readonly control: ControlStore;
  readonly probe: Probe;
  readonly backup: TargetBackup;
  readonly watch: TargetWatch;
  readonly names = postgresNames;
  readonly parseType = parseType;
  readonly countRows: Verifiable['countRows'];
  readonly digestBuckets: Verifiable['digestBuckets'];
  readonly digestRows: Verifiable['digestRows'];
  readonly readRows: Verifiable['readRows'];
  #work: Promise<PostgresSession> | null = null;

  constructor(
    private readonly settings: DatabaseSettings,
    private readonly session: PostgresSession,
    private readonly server: ServerFacts,
  ) {
    this.control = createControlStore(session);
    this.probe = postgresProbe(session);
    this.backup = new PostgresBackup(settings, session, server.majorVersion);
    this.watch = postgresWatch(() => this.#workSession());
    const verification = postgresVerification(async (sql, parameters, signal) => {
      const work = await this.#workSession();
      return work.query(sql, parameters, signal);
    });
    this.countRows = verification.countRows.bind(verification);
    this.digestBuckets = verification.digestBuckets.bind(verification);
    this.digestRows = verification.digestRows.bind(verification);
    this.readRows = verification.readRows.bind(verification);
  }

  identity(): Promise<ServerIdentity> {
    return Promise.resolve(this.server.identity);
  }

  async preflight(schema: string, grants: readonly TargetGrant[] = []): Promise<Finding[]> {
    return [...(await findInPreflight(this.session, schema)), ...(await roleFindings(this.session, grants))];
  }

  dataFolder(): Promise<ServerFolder | null> {
    return readDataFolder(this.session);
  }

  translate(table: PlannedTable, grants: readonly TargetGrant[] = []): { ddl: TargetDdl; findings: Finding[] } {
    return translateTable(table, this.server.majorVersion, grants);
  }

  readonly foreignKeySteps = uncheckedForeignKeySteps;

  async existing(plans: readonly TablePlan[]): Promise<Finding[]> {
    return (await this.#steps()).existing(plans);
  }

  storedTables(schema: string, tables: readonly string[]): Promise<StoredTables> {
    return readStoredTables(this.session, schema, tables);
  }

  async run(...given: Parameters<Steps['run']>): Promise<void> {
    await (await this.#steps()).run(...given);
  }

  async emptyTables(run: RunKey, plans: readonly TablePlan[]): Promise<void> {
    await (await this.#steps()).emptyTables(run, plans);
  }

  async undoCutover(run: RunKey): Promise<void> {
    await (await this.#steps()).undoCutover(run);
  }

  async dropStreamIndexes(work: RunWork): Promise<void> {
    await (await this.#steps()).dropStreamIndexes(work);
  }

  async dropMade(run: RunKey): Promise<void> {
    await (await this.#steps()).dropMade(run);
  }

  async setAside(run: RunKey): Promise<string> {
    return (await this.#steps()).setAside(run);
  }

  async admitNulls({ targetSchema, targetName }: PlannedTable, columns: readonly string[]): Promise<void> {
    const changes = columns.map((column) => `alter column ${quoteName(column)} drop not null`);
    if (changes.length === 0) return;
    const session = await this.#workSession();
    await session.query(`alter table ${quoteQualified(targetSchema, targetName)} ${changes.join(', ')}`);
  }

  async grantAccess(run: RunKey, plans: readonly TablePlan[]): Promise<void> {
    await (await this.#steps()).grantAccess(run, plans);
  }

  async refuseWrites(run: RunKey, plans: readonly TablePlan[]): Promise<void> {
    await (await this.#steps()).refuseWrites(run, plans);
  }

  async makeSchema(work: RunWork, schema: string): Promise<boolean> {
    return (await this.#steps()).makeSchema(work, schema);
  }

  async missingReferences(...given: Tail<Parameters<typeof missingReferences>>): Promise<(readonly string[])[]> {
    return missingReferences(await this.#workSession(), ...given);
  }

  proposeChange(...given: Parameters<typeof proposeStatements>): ProposedChange {
    return proposeStatements(...given);
  }

  changeTables(work: RunWork, change: TableChange): Promise<void> {
    return changeTables(this.settings, work, change);
  }

  async settleOrphans(work: RunWork, table: PlannedTable, key: PlannedForeignKey): Promise<number> {
    return settleOrphans(await this.#workSession(), work, table, key);
  }

  openLane(work: RunWork): Promise<CopyLane> {
    return openLane(this.settings, work);
  }

  openApplier(work: RunWork, tables: readonly AppliedTable[]): Promise<ChangeApplier> {
    return openApplier(this.settings, work, tables);
  }

  changesOf(work: RunWork, schema: string): TargetChanges {
    return postgresChanges(this.settings, { work, schema });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A session that could not be opened has told so to whoever needed it.
    const work = await this.#work?.catch(() => null);
    await work?.[Symbol.asyncDispose]();
    await this.session[Symbol.asyncDispose]();
  }

  #workSession(): Promise<PostgresSession> {
    this.#work ??= connect(this.settings);
    return this.#work;
  }

  async #steps(): Promise<Steps> {
    const session = await this.#workSession();
    return createSteps(session, createMadeLog(session));
  }
}
