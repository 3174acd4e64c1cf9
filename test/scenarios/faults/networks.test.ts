import { CuttableNetwork } from '../../../scripts/chaos/cuttableNetwork';
import { FaultStage } from '../../helpers/faultsStage';
import { stories } from '../../helpers/faultsStories';
import type { FaultyMigration } from '../../helpers/faultsMigration';
import type { WorkerOptions } from '../../helpers/faultsSupervisor';
import { until } from '../../helpers/faultsUntil';

/** Slow enough for the copy to be under way when its network goes. */
const SLOW = { rowsPerSecond: 4_000 };

describe('each row arrives once', () => {
  stories(() => FaultStage.open({ readOnly: true }), {
    'when the connections to PostgreSQL are cut amid a COPY, and can be made again later': async (stage) => {
      await using network = await CuttableNetwork.to(stage.postgresUrl);
      await cutAmidCopy(stage, network, { targetAddress: network.address });
    },

    'when the connections to the source are cut amid a COPY, and can be made again later': async (stage) => {
      await using network = await CuttableNetwork.to(stage.sourceUrl);
      await cutAmidCopy(stage, network, { sourceAddress: network.address });
    },

    'when the connections to PostgreSQL carry nothing more amid a COPY, and nobody says so': async (stage) => {
      await using network = await CuttableNetwork.to(stage.postgresUrl);
      await silentAmidCopy(stage, network, { targetAddress: network.address });
    },

    'when the connections to the source carry nothing more amid a COPY, and nobody says so': async (stage) => {
      await using network = await CuttableNetwork.to(stage.sourceUrl);
      await silentAmidCopy(stage, network, { sourceAddress: network.address });
    },
  });
});

async function cutAmidCopy(stage: FaultStage, network: CuttableNetwork, through: WorkerOptions): Promise<void> {
  const migration = await stage.migrate({ ...through, copy: SLOW });
  await migration.run.approve();
  await migration.untilAmidCopy();
  network.cut();
  await until('the worker tries again in vain', () => network.refusals > 0);
  network.mend();
  await expectOneCutover(migration);
}

async function silentAmidCopy(stage: FaultStage, network: CuttableNetwork, through: WorkerOptions): Promise<void> {
  const migration = await stage.migrate({ ...through, copy: SLOW });
  await migration.run.approve();
  await migration.untilAmidCopy();
  network.fallSilent();
  const lanes = await migration.lanes();
  await until('the worker has given up every lane it had', async () => {
    const now = await migration.lanes();
    return !lanes.some((lane) => now.includes(lane));
  });
  network.endSilent();
  await expectOneCutover(migration);
}

async function expectOneCutover(migration: FaultyMigration): Promise<void> {
  const result = await migration.fromApprovalToTheEnd();
  expect(migration.supervisor.deaths).toBe(0);
  expect(result.phases.find(({ name }) => name === 'cutover')?.attempts).toBe(1);
}
