import { parseDatabaseUrl } from '../../domain/connectionUrl';
import type { BuildStep, TablePlan, TargetDdl } from '../../domain/plan';
import { connect, type PostgresSession } from '../../engines/postgres/connection';
import { createMadeLog, type MadeLog } from '../../engines/postgres/control/made';
import { createControlStore } from '../../engines/postgres/control';
import { createSteps } from '../../engines/postgres/steps';
import { translateTable } from '../../engines/postgres/translate';
import { freshDatabase, query, type FreshDatabase } from './databases';
import { plan } from './catalogs';
import { sharedServers } from './servers';

type Plans = Parameters<typeof plan>;

/** A fresh target database with a run in its control schema, and sessions that make and unmake things in it. */
export class SchemaStage implements AsyncDisposable {
  readonly runId = 'run-0a1b2c3d';
  epoch = 1;
  readonly #sessions: PostgresSession[] = [];

  private constructor(private readonly database: FreshDatabase) {}

  static async open(): Promise<SchemaStage> {
    const stage = new SchemaStage(await freshDatabase(sharedServers().postgresUrl));
    const { session } = await stage.connect();
    const names = { workflowId: 'w', sourceName: 's', targetName: 't', fingerprint: 'f' };
    stage.epoch = await createControlStore(session).openRun({ runId: stage.runId, ...names });
    return stage;
  }

  get url(): string {
    return this.database.url;
  }

  get work() {
    return { runId: this.runId, epoch: this.epoch, lane: 'build' };
  }

  /** A new connection, as a new attempt would have. */
  async connect(): Promise<{ session: PostgresSession; made: MadeLog; steps: ReturnType<typeof createSteps> }> {
    const session = await connect(parseDatabaseUrl('target', this.url));
    this.#sessions.push(session);
    const made = createMadeLog(session);
    return { session, made, steps: createSteps(session, made) };
  }

  /** Rows of a query in a session of the test's own. */
  query(sql: string, values: unknown[] = []): Promise<Record<string, unknown>[]> {
    return query(this.url, sql, values);
  }

  /** One column of a query. */
  async column(sql: string): Promise<unknown[]> {
    return (await this.query(sql)).map((row) => Object.values(row)[0]);
  }

  async raiseEpoch(): Promise<void> {
    const { session } = await this.connect();
    this.epoch = await createControlStore(session).raiseEpoch(this.runId);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const session of this.#sessions) await Promise.resolve(session[Symbol.asyncDispose]()).catch(() => undefined);
    await this.database.drop();
  }
}

/** Plans and translates a catalog for the version of the shared server. */
export function plansOf(...given: Plans): TablePlan[] {
  return plan(...given).tables.map((table) => ({ table, ddl: translateTable(table, 18).ddl }));
}

/** The steps of one stage of the plans, in order. */
export function stepsOf(plans: readonly TablePlan[], stage: keyof Omit<TargetDdl, 'nativeTypes' | 'grants'>) {
  return plans.flatMap((of): { plan: TablePlan; step: BuildStep }[] =>
    of.ddl[stage].map((step) => ({ plan: of, step })),
  );
}
