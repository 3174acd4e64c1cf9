import { query } from '../../helpers/databases';
import { FaultStage } from '../../helpers/faultsStage';
import { until } from '../../helpers/faultsUntil';
import { FaultsWriter } from '../../helpers/faultsWriter';

test.each(['mysql', 'mariadb'] as const)(
  'every write that a %s confirms while its freeze is lost to a crash, amid chunks or amid verification, arrives',
  async (flavour) => {
    await using stage = await FaultStage.open({ flavour });
    await using writer = await FaultsWriter.start(stage.sourceUrl);
    const crash = async (): Promise<void> => {
      await stage.source.kill();
      await stage.source.start();
      const confirmed = writer.confirmed.length;
      await until('the application writes again', () => writer.confirmed.length > confirmed + 10);
    };
    const migration = await stage.migrate({
      faults: [{ at: 'verify.afterPart', signal: 'SIGSTOP' }],
      copy: { rowsPerSecond: 10_000 },
      cutover: { attempts: 5 },
    });
    await migration.run.approve();
    await migration.untilAmidChunks();
    await crash();
    const { supervisor } = migration;
    await until('the worker stands still amid verification', () => supervisor.hits.length > 0);
    await crash();
    supervisor.worker.wake();

    const result = await migration.fromApprovalToTheEnd();
    expect(supervisor.deaths).toBe(0);
    expect(result.phases.find(({ name }) => name === 'cutover')?.attempts).toBe(3);
    const arrived = await query(migration.targetUrl, `SELECT email FROM customers WHERE name = 'written'`);
    expect(arrived.map(({ email }) => email)).toEqual(expect.arrayContaining(writer.confirmed));
  },
);
