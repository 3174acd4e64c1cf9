import { join } from 'node:path';
import { execute, query } from '../../helpers/databases';
import { until } from '../../helpers/faultsUntil';
import { MigrationStage } from '../../helpers/migrationStage';

const TABLES = `
  CREATE TABLE t (id INT PRIMARY KEY, n INT); INSERT INTO t VALUES (1, 1), (2, 2);
  CREATE TABLE other (id INT PRIMARY KEY)`;

test.each(['mysql', 'mariadb'] as const)(
  'a %s that was restarted behind the commit point is frozen again by whoever connects first, and late writes are told',
  async (flavour) => {
    await using stage = await MigrationStage.open({ flavour, load: TABLES });
    await execute(stage.sourceUrl, `CREATE USER app@'%' IDENTIFIED BY 'app'; GRANT ALL ON shop.* TO app@'%'`);
    const application = stage.source.url('shop', 'app', 'app');
    const isRefused = (): Promise<boolean> =>
      execute(application, 'UPDATE t SET n = n WHERE id = 1').then(
        () => false,
        (error: unknown) => /read.?only/iu.test(String(error)),
      );
    const dies = await stage.startWorker({
      MIGRATION_FAULT_POINT: `commit.decided=${join(stage.folder, 'hit')}`,
      MIGRATION_FAULT_SIGNAL: 'SIGKILL',
    });
    const run = await stage.start({ strategy: 'live', trial: { percent: 0 } });
    await run.approve();
    await dies.ended;
    await stage.source.kill();
    await stage.source.start();
    await execute(application, 'UPDATE t SET n = 7 WHERE id = 2; INSERT INTO t VALUES (3, 3)');

    await stage.startWorker();
    await run.until(({ waitingFor }) => waitingFor === 'acceptance');
    await until('the source is frozen again', isRefused);
    await stage.source.kill();
    await stage.source.start();
    await until('the source is frozen once more', isRefused);
    await execute(stage.targetUrl, 'INSERT INTO other VALUES (5)');
    await until(
      'what is written on the target is taken back all the same',
      async () => (await query(stage.sourceUrl, 'SELECT id FROM other')).length === 1,
    );
    const { findings } = await run.accept();
    // Nobody is told of a loss because the way back has ended as it should.
    expect(findings.filter(({ code }) => code === 'WAY_BACK_LOST')).toEqual([]);
    const late = findings.filter(({ code }) => code === 'WRITTEN_LATE');
    expect(late.map(({ object, source }) => ({ object, source }))).toEqual([
      { object: 't', source: '2 rows, such as 2; 3' },
    ]);
  },
);
