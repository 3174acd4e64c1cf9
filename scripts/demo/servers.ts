import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import {
  startMariadb,
  startMysql,
  startPostgres,
  startTemporal,
  type DatabaseServer,
  type RunningServer,
  type TemporalServer,
} from '../servers';
import { createSourceUser } from '../shop/users';

export interface DemoServers {
  readonly temporal: TemporalServer;
  /** The shop as the migration's own user sees it. */
  readonly shopUrl: string;
  /** The shop as its application sees it: a user who may write to it and nothing more. */
  readonly applicationUrl: string;
  readonly targetUrl: string;
  /** Needs the shop's database to be there. */
  addApplicationUser(): Promise<void>;
  stop(): Promise<void>;
}

/** Where Temporal's own documentation says the web UI is. */
const UI_PORT = 8233;

export async function startDemoServers(flavour: 'mysql' | 'mariadb'): Promise<DemoServers> {
  const started: RunningServer[] = [];
  const keep = async <S extends RunningServer>(starting: Promise<S>): Promise<S> => {
    const server = await starting;
    started.push(server);
    return server;
  };
  const stop = async (): Promise<void> => {
    await Promise.all(started.map((server) => server.remove()));
  };
  const starting = [
    keep(flavour === 'mysql' ? startMysql() : startMariadb()),
    keep(startPostgres()),
    keep(startTemporal({ uiPort: UI_PORT })),
  ] as const;
  await Promise.allSettled(starting);
  const [source, target, temporal] = await Promise.all(starting).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  await createDatabase(target);
  const password = randomBytes(12).toString('hex');
  return {
    temporal,
    shopUrl: source.url('shop'),
    applicationUrl: source.url('shop', 'shop_app', password),
    targetUrl: target.url('shop'),
    addApplicationUser: async () => {
      await createSourceUser(source.url('shop'), 'shop_app', password);
    },
    stop,
  };
}

async function createDatabase(target: DatabaseServer): Promise<void> {
  const client = new Client({ connectionString: target.url('postgres') });
  await client.connect();
  await client.query('CREATE DATABASE shop');
  await client.end();
}
