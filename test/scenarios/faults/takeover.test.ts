import { CuttableNetwork } from '../../../scripts/chaos/cuttableNetwork';
import { FaultStage } from '../../helpers/faultsStage';
import { stories } from '../../helpers/faultsStories';
import { leaveBehind, standsStill, stopAt } from '../../helpers/faultsZombie';

/** Slow enough for every condition below to be met while rows are on their way. */
const SLOW = { rowsPerSecond: 4_000 };

describe('each row arrives once', () => {
  stories(() => FaultStage.open({ readOnly: true }), {
    'when one of two workers is lost amid a copy: the other takes its lanes over': async (stage) => {
      const migration = await stage.migrate({ copy: SLOW });
      await migration.run.approve();
      await migration.untilAmidCopy();
      migration.addWorker();
      await migration.supervisor[Symbol.asyncDispose]();
      await migration.fromApprovalToTheEnd();
    },

    'when a worker stands still amid a COPY and wakes after another took over': async (stage) => {
      await using network = await CuttableNetwork.to(stage.temporalAddress);
      const migration = await stage.migrate({ temporalAddress: network.address, copy: SLOW });
      await migration.run.approve();
      await migration.untilAmidCopy();
      migration.supervisor.worker.suspend();
      const zombie = await leaveBehind(migration, network);
      await zombie.untilReplaced();
      await zombie.wakeAndGiveUp();
      await migration.fromApprovalToTheEnd();
    },

    'when a worker stands still before it commits a chunk, and wakes after another took over': async (stage) => {
      await using network = await CuttableNetwork.to(stage.temporalAddress);
      const migration = await stage.migrate({ ...stopAt('copy.beforeCommit', network), copy: SLOW });
      await migration.run.approve();
      await standsStill(migration);
      const zombie = await leaveBehind(migration, network);
      await zombie.untilReplaced();
      await zombie.wakeAndGiveUp();
      await migration.fromApprovalToTheEnd();
    },

    'when a worker loses Temporal amid a COPY and works on while another takes over': async (stage) => {
      await using network = await CuttableNetwork.to(stage.temporalAddress);
      const migration = await stage.migrate({ temporalAddress: network.address, copy: SLOW });
      await migration.run.approve();
      await migration.untilAmidCopy();
      network.cut();
      migration.addWorker();
      await migration.fromApprovalToTheEnd();
    },
  });
});
