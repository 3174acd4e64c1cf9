import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { FaultPoint } from '../../../pipeline/faultPoint';
import { moverRights } from '../../helpers/accountsStage';
import { execute, query } from '../../helpers/databases';
import { MigrationStage } from '../../helpers/migrationStage';
import { until } from '../mysqlSource/stage';

const SHOP = `
  CREATE TABLE items (id INT AUTO_INCREMENT PRIMARY KEY, words VARCHAR(200) NOT NULL);
  INSERT INTO items (words) VALUES ('one'), ('two'), ('three');
  CREATE DATABASE other; CREATE TABLE other.t (n INT);
  CREATE USER app@'%' IDENTIFIED BY 'app'; GRANT ALL ON shop.* TO app@'%' WITH GRANT OPTION;
  CREATE USER neighbour@'%' IDENTIFIED BY 'app'; GRANT ALL ON other.* TO neighbour@'%'`;
const BY_ACCOUNTS = { cutover: { freeze: 'accounts' } };

/** The application: it writes as fast as it may, for as long as it may, and counts what was confirmed. */
class Writer {
  confirmed = 0;
  private readonly stopping = new AbortController();
  private readonly writing: Promise<void>;

  constructor(private readonly url: string) {
    this.writing = this.write();
  }

  async stop(): Promise<void> {
    this.stopping.abort();
    await this.writing;
  }

  private async write(): Promise<void> {
    while (!this.stopping.signal.aborted) {
      const written = await execute(this.url, "INSERT INTO items (words) VALUES ('live')").then(
        () => 1,
        () => 0,
      );
      this.confirmed += written;
      await delay(20);
    }
  }
}

async function grants(stage: MigrationStage, url = stage.sourceUrl): Promise<unknown> {
  const about = ['SHOW GRANTS FOR app', 'SHOW CREATE USER app', "SHOW CREATE USER root@'localhost'"];
  return Promise.all(about.map((statement) => query(url, statement)));
}

const rows = async (url: string): Promise<number> =>
  Number((await query(url, 'SELECT count(*) AS n FROM items'))[0]?.['n']);

describe.each(['mysql', 'mariadb'] as const)('a %s that nobody may make read-only is migrated', (flavour) => {
  test('while its application writes: every confirmed row arrives, and a rollback lets it write on as before', async () => {
    await using stage = await MigrationStage.open({ flavour, load: SHOP });
    await execute(stage.sourceUrl, `CREATE USER mover@'%' IDENTIFIED BY 'm'; ${moverRights(flavour)}`);
    const moverUrl = stage.source.url('shop', 'mover', 'm');
    await stage.startWorker({ MIGRATION_CONNECTION_SHOP_MYSQL: moverUrl });
    const before = await grants(stage, moverUrl);
    const applicationUrl = stage.source.url('shop', 'app', 'app');
    const writer = new Writer(applicationUrl);
    try {
      const run = await stage.start(BY_ACCOUNTS);
      await run.approve();
      await run.until(({ waitingFor }) => waitingFor === 'acceptance');
      const { confirmed } = writer;
      expect(confirmed).toBeGreaterThan(0);
      expect(await rows(stage.targetUrl)).toBe(3 + confirmed);
      await expect(execute(stage.sourceUrl, 'SELECT 1')).rejects.toThrow(/locked/);
      // It can still read, and its neighbour has noticed nothing.
      expect(await rows(applicationUrl)).toBe(3 + confirmed);
      await execute(stage.source.url('other', 'neighbour', 'app'), 'INSERT INTO t VALUES (1)');
      expect(await grants(stage, moverUrl)).not.toEqual(before);
      await run.signal('requestRollback', { by: 'bob', reason: 'slow' });
      expect((await run.result()).outcome).toBe('rolledBack');
      expect(await grants(stage, moverUrl)).toEqual(before);
      await until(() => Promise.resolve(writer.confirmed > confirmed));
    } finally {
      await writer.stop();
    }
  });
});

test.each<[FaultPoint, string]>([
  ['freeze.recorded', ''],
  ['freeze.frozen', ''],
  ['compensation.begun', '@unfreezeSource'],
  ['compensation.done', '@unfreezeSource'],
])('a worker that is killed at %s%s leaves every account as it was, once another has gone on', async (point, where) => {
  await using stage = await MigrationStage.open({ load: SHOP });
  const marker = join(stage.folder, 'marker');
  await mkdir(stage.folder, { recursive: true });
  const doomed = await stage.startWorker({ MIGRATION_FAULT_POINT: `${point}${where}=${marker}` });
  const before = await grants(stage);
  const run = await stage.start(BY_ACCOUNTS);
  await run.approve();
  if (point.startsWith('freeze')) {
    await doomed.ended;
    await stage.startWorker();
    await run.until(({ waitingFor }) => waitingFor === 'acceptance');
    await run.signal('requestRollback', { by: 'bob', reason: 'slow' });
  } else {
    await run.until(({ waitingFor }) => waitingFor === 'acceptance');
    await run.signal('requestRollback', { by: 'bob', reason: 'slow' });
    await doomed.ended;
    await stage.startWorker();
  }
  expect((await run.result()).outcome).toBe('rolledBack');
  expect(await grants(stage)).toEqual(before);
});

test('a deadline ends the freeze, also one that passed while no worker lived', async () => {
  await using stage = await MigrationStage.open({ load: SHOP });
  const marker = join(stage.folder, 'marker');
  const doomed = await stage.startWorker({ MIGRATION_FAULT_POINT: `freeze.frozen=${marker}` });
  const before = await grants(stage);
  const run = await stage.start({ cutover: { freeze: 'accounts', maxFreezeSeconds: 5, attempts: 1 } });
  await run.approve();
  await doomed.ended;
  expect(await grants(stage)).not.toEqual(before);
  await delay(5_000);
  // It begins by ending what is overdue, before it takes any task.
  await stage.startWorker();
  await expect(run.until(({ waitingFor }) => waitingFor === 'acceptance')).rejects.toThrow(
    /FREEZE_OVERDUE|EPOCH_STALE/,
  );
  expect(await grants(stage)).toEqual(before);
});
