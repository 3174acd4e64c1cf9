import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { dirname, join } from 'node:path';
import { rangesBetween } from '../../../domain/keys';
import { parseDatabaseUrl } from '../../../domain/connectionUrl';
import type { TablePlan } from '../../../domain/plan';
import type { Position } from '../../../domain/position';
import { planWayBack } from '../../../domain/wayBack';
import type {
  AppliedTable,
  ChangeBatch,
  Source,
  TakesBack,
  TargetChanges,
  VerifiedPart,
} from '../../../engines/engine';
import { applyChanges, type StreamEnd } from '../../../pipeline/applyChanges';
import { completeLog } from '../../../pipeline/completeLog';
import { copyChunk } from '../../../pipeline/copyChunk';
import { PaceLimiter } from '../../../pipeline/pace';
import { verifyTable } from '../../../pipeline/verifyTable';
import { startMariadb, startMysql, startPostgres, type DatabaseServer } from '../../../scripts/servers';
import { projectFolder } from '../../../scripts/servers/run';
import { compiledEntry } from '../../helpers/compiled';
import { execute } from '../../helpers/databases';
import { sharedServers } from '../../helpers/servers';
import { openSource, type Flavour } from '../mysqlSource/stage';
import { NEVER, VerificationPair } from '../verification/pair';

const STREAM = 'back';
const PATIENCE_MS = 20_000;
/** So many rows as no test has. */
const ANY_ROWS = 1_000_000;

/** What docs/operations.md says that the login needs for the way back, and nothing else. */
const RIGHTS = { mysql: 'CONNECTION_ADMIN', mariadb: 'READ_ONLY ADMIN' } as const;

/** Where a migration goes, and comes back. */
export interface Servers {
  readonly flavour: Flavour;
  readonly source: Pick<DatabaseServer, 'url'>;
  readonly target: Pick<DatabaseServer, 'url'>;
}

/** The source that all tests share, and a target whose log only this one follows. */
export function sharedSource(flavour: Flavour, target: DatabaseServer): Servers {
  const shared = sharedServers()[`${flavour}Url`];
  const url = (database = '', user?: string, password?: string): string => {
    const found = new URL(shared);
    found.pathname = `/${database}`;
    if (user !== undefined && password !== undefined) [found.username, found.password] = [user, password];
    return found.href;
  };
  return { flavour, source: { url }, target };
}

/** Servers of a test's own: a source, which can be made read-only and killed, and a target. */
export class WayBackServers implements Servers, AsyncDisposable {
  private constructor(
    readonly flavour: Flavour,
    readonly source: DatabaseServer,
    readonly target: DatabaseServer,
  ) {}

  static async start(flavour: Flavour): Promise<WayBackServers> {
    const [source, target] = await Promise.all([flavour === 'mysql' ? startMysql() : startMariadb(), startPostgres()]);
    return new WayBackServers(flavour, source, target);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.source.remove(), this.target.remove()]);
  }
}

/** A migration whose tables are copied to the target, and the way back from there. */
export class WayBackStage implements AsyncDisposable {
  readonly runId = `run-${randomBytes(4).toString('hex')}`;
  epoch = 0;
  /** Plans of the migration, and of the way back. */
  plans: readonly TablePlan[] = [];
  back: readonly TablePlan[] = [];

  private constructor(
    private readonly source: Pick<DatabaseServer, 'url'>,
    private readonly user: string,
    private readonly returningUrl: string,
    readonly pair: VerificationPair,
    /** The source as the login of the way back has it. */
    readonly returning: Source,
  ) {}

  static async open(servers: Servers): Promise<WayBackStage> {
    const urls = { mysqlUrl: servers.source.url(), mariadbUrl: servers.source.url() };
    const pair = await VerificationPair.open(servers.flavour, { ...urls, postgresUrl: servers.target.url() });
    const database = new URL(pair.sourceUrl).pathname.slice(1);
    const user = `back_${randomBytes(3).toString('hex')}`;
    await execute(
      pair.sourceUrl,
      `CREATE USER ${user}@'%' IDENTIFIED BY 'x';
       GRANT SELECT, INSERT, DELETE, TRIGGER ON ${database}.* TO ${user}@'%';
       GRANT CREATE, DROP, SELECT, INSERT, UPDATE, DELETE ON temporal_migrate.* TO ${user}@'%';
       GRANT ${RIGHTS[servers.flavour]} ON *.* TO ${user}@'%'`,
    );
    const url = servers.source.url(database, user, 'x');
    const returning = await openSource(parseDatabaseUrl('source', url));
    return new WayBackStage(servers.source, user, url, pair, returning);
  }

  get takesBack(): TakesBack {
    return this.returning.takesBack!;
  }

  get changes(): TargetChanges {
    return this.pair.target.changesOf!(this.work, 'public');
  }

  get work() {
    return { runId: this.runId, epoch: this.epoch, lane: STREAM };
  }

  /** Plans the source's tables and copies them; what the target cannot hold is left out. */
  async copy(
    steps: readonly string[] = [],
    mapping: Parameters<VerificationPair['plan']>[0] = { orphans: 'notValid' },
  ): Promise<void> {
    const { pair, runId } = this;
    await pair.plan(mapping);
    this.plans = [...pair.tables.values()].map((table) => ({ table, ddl: pair.target.translate(table).ddl }));
    this.back = planWayBack(this.plans).tables;
    const names = { workflowId: 'w', sourceName: 's', targetName: 't', fingerprint: 'f' };
    this.epoch = await pair.target.control.openRun({ runId, ...names });
    await using lane = await pair.target.openLane({ runId, epoch: this.epoch, lane: 'copy/1' });
    for (const { table } of this.plans) {
      const ranges = rangesBetween(await pair.source.chunkBounds(table, 10_000, NEVER));
      await pair.target.control.saveChunks(runId, table.source.name, ranges);
    }
    const task = { source: pair.source, lane, plans: this.plans, pace: new PaceLimiter(), signal: NEVER };
    while ((await copyChunk({ ...task, rejectedLimit: ANY_ROWS })) !== null);
    const ddl = [
      ...this.plans.flatMap((plan) => plan.ddl.build),
      ...this.plans.flatMap((plan) => plan.ddl.foreignKeys),
    ];
    const sql = [...ddl.filter(({ kind }) => steps.includes(kind)).map((step) => step.sql), ''].join(';\n');
    await pair.onTarget(sql);
  }

  /** As before a freeze, and then at the commit point. Answers where the way back begins. */
  async begin(): Promise<Position> {
    await this.takesBack.prepare({ runId: this.runId });
    await this.changes.publish(this.back.map(({ table }) => table));
    await this.changes.start(PATIENCE_MS);
    const from = await this.changes.end();
    await this.takesBack.beginStream(this.runId, STREAM, from, from);
    return from;
  }

  /** How the tables' changes come, and where they go. */
  applied(): AppliedTable[] {
    return this.back.map((plan) => ({ plan, formats: this.changes.cellFormats(plan.table) }));
  }

  /** One attempt: until a stop that is ordered. `onOpen` is told when it has the lane. */
  async attempt(
    signal = NEVER,
    onApplied: (batch: ChangeBatch) => void = () => undefined,
    onOpen: () => void = () => undefined,
  ): Promise<StreamEnd> {
    const tables = this.applied();
    const stream = this.changes;
    await using applier = await this.takesBack.openApplier(this.work, tables);
    onOpen();
    const { high } = (await this.takesBack.loadStream(this.runId, STREAM))!;
    return await applyChanges({ stream, applier, tables, high, source: completeLog, signal, onApplied });
  }

  /** An attempt as a process of its own, for a test to do what it likes to. */
  async spawnAttempt(): Promise<ChildProcess> {
    const dist = dirname(dirname(await compiledEntry('engines/registry')));
    const child = spawn(process.execPath, [join(projectFolder(), 'test', 'helpers', 'wayBackAttempt.mjs')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const urls = { source: this.returningUrl, target: this.pair.targetUrl };
    child.stdin.end(JSON.stringify({ dist, ...urls, work: this.work, back: this.back }));
    return child;
  }

  /** Everything that is written on the target by now is to be applied, and then no more. */
  async orderStop(): Promise<Position> {
    const stop = await this.changes.end();
    await this.takesBack.orderStop(this.runId, STREAM, stop);
    return stop;
  }

  async drain(): Promise<StreamEnd> {
    await this.orderStop();
    return this.attempt();
  }

  /** Compares a table, in sessions of its own: those of the stage may have ended with a server. */
  async verify(name: string): Promise<VerifiedPart> {
    const sides = await this.pair.another();
    await using source = sides.source;
    await using target = sides.target;
    return await verifyTable({
      ...{ source, target, table: this.pair.table(name), ranges: rangesBetween([]), mode: 'full' },
      ...{ samplePercent: 5, seed: 'run', done: new Map(), signal: NEVER },
      onPart: () => Promise.resolve(),
      heartbeat: () => undefined,
    });
  }

  onSource(sql: string): Promise<void> {
    return this.pair.onSource(sql);
  }

  onTarget(sql: string): Promise<void> {
    return this.pair.onTarget(sql);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.changes.drop();
    await this.takesBack.drop({ runId: this.runId });
    await this.returning[Symbol.asyncDispose]();
    await this.pair[Symbol.asyncDispose]();
    await execute(this.source.url(), `DROP USER ${this.user}@'%'`);
  }
}
