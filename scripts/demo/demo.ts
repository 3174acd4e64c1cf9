import { join } from 'node:path';
import type { Progress } from '../../domain/result';
import { findProgram, startHaproxy, type HaproxyServer } from '../servers';
import { startDemoServers, type DemoServers } from './servers';
import { MigrationRun } from '../migrationRun';
import { TemporalCli } from '../temporalCli';
import { WorkerProcess } from '../workerProcess';
import { Deployment, shopConfiguration } from '../shop/deployment';
import { loadShop } from '../shop/load';
import { Visitors } from '../shop/visitors';
import { ask } from './ask';
import { summaryLines } from './summary';

const WORKFLOW_ID = 'shop';

export interface DemoOptions {
  /** Answers every question itself. */
  readonly yes: boolean;
  readonly flavour: 'mysql' | 'mariadb';
  readonly rows: number;
}

/** The demo's story: servers, a shop somebody uses, and its migration with a person's two decisions. */
export class Demo {
  private worker: WorkerProcess | null = null;
  private readonly deployments: Deployment[] = [];
  private haproxy: HaproxyServer | null = null;
  private visitors: Visitors | null = null;

  private constructor(
    private readonly options: DemoOptions,
    private readonly servers: DemoServers,
    private readonly cli: TemporalCli,
  ) {}

  static async start(options: DemoOptions): Promise<Demo> {
    print('Starting real servers (the first time they are fetched, which takes some minutes)');
    const servers = await startDemoServers(options.flavour);
    const cli = new TemporalCli({ program: await findProgram('temporal'), address: servers.temporal.address });
    print(`Temporal's web UI: ${servers.temporal.uiUrl}`);
    return new Demo(options, servers, cli);
  }

  async migrate(): Promise<void> {
    const { flavour, rows } = this.options;
    print(`Loading a shop of about ${rows.toLocaleString('en')} rows into ${flavour}`);
    const shop = await loadShop(this.servers.shopUrl, { rows });
    print(
      `${shop.rows.toLocaleString('en')} rows in ${Object.keys(shop.tables).length} tables, in ${Math.round(shop.durationMs / 1_000)} s`,
    );
    const { haproxy, visitors } = await this.openShop();
    print(`The shop runs twice, on ${flavour} and on PostgreSQL, behind an HAProxy; visitors keep placing orders`);
    this.worker = await WorkerProcess.start({
      temporalAddress: this.servers.temporal.address,
      connections: { SHOP_SOURCE: this.servers.shopUrl, SHOP_TARGET: this.servers.targetUrl },
      environment: {
        MIGRATION_FILE_ROOTS: join(process.cwd(), 'reports'),
        MIGRATION_HAPROXY_SOCKETS: haproxy.socket,
      },
    });
    const input = {
      source: 'shop_source',
      target: 'shop_target',
      cutover: {
        switch: [{ kind: 'haproxy', socket: haproxy.socket, backend: 'app', source: 'old', target: 'new' }],
      },
    };
    print(
      `temporal workflow start --task-queue migrations --type databaseMigration --workflow-id ${WORKFLOW_ID} --input '${JSON.stringify(input)}'`,
    );
    const run = await new MigrationRun(this.cli, WORKFLOW_ID).start(input);
    const printPhase = phasePrinter();
    await run.until((progress) => progress.waitingFor === 'approval', printPhase);
    await this.decide('Approve the cutover?', 'approveCutover');
    await run.approve(printPhase);
    await run.until((progress) => progress.waitingFor === 'acceptance' || progress.lastFailure !== null, printPhase);
    await this.decide('Accept the migration?', 'acceptMigration');
    const result = await run.accept(printPhase);
    const statistics = await visitors.stop();
    for (const line of summaryLines(result, statistics)) print(line);
    print(`Temporal's web UI: ${this.servers.temporal.uiUrl}`);
  }

  async stop(): Promise<void> {
    await this.visitors?.stop();
    await this.worker?.stop();
    await this.haproxy?.remove();
    await Promise.all(this.deployments.map((deployment) => deployment.stop()));
    await this.servers.stop();
  }

  /** Two deployments of the shop's application, of which users reach the one on the source, and these users. */
  private async openShop(): Promise<{ haproxy: HaproxyServer; visitors: Visitors }> {
    await this.servers.addApplicationUser();
    const source = await this.deploy(this.servers.applicationUrl);
    const target = await this.deploy(this.servers.targetUrl);
    const haproxy = (this.haproxy = await startHaproxy(shopConfiguration(source, target)));
    const visitors = (this.visitors = new Visitors(`http://127.0.0.1:${haproxy.port}`));
    return { haproxy, visitors };
  }

  private async deploy(databaseUrl: string): Promise<Deployment> {
    const deployment = await Deployment.start(databaseUrl);
    this.deployments.push(deployment);
    return deployment;
  }

  /** Shows the command that decides, and asks whether to send it. */
  private async decide(question: string, signal: string): Promise<void> {
    print(`temporal workflow signal --workflow-id ${WORKFLOW_ID} --name ${signal} --input '{"approver":"ann"}'`);
    if (!this.options.yes && !(await ask(question))) throw new Error('not decided: nothing more is done');
  }
}

/** Prints each phase once, and the copy as it moves. */
function phasePrinter(): (progress: Progress) => void {
  let printed = '';
  return ({ phase, percent, rowsTotal, rowsPerSecond }) => {
    const line =
      phase === 'copy'
        ? `copy: ${percent} % of ${rowsTotal.toLocaleString('en')} rows, ${rowsPerSecond.toLocaleString('en')} rows/s`
        : phase;
    if (line !== printed) print(line);
    printed = line;
  };
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}
