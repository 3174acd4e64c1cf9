import { CuttableNetwork } from '../../../scripts/chaos/cuttableNetwork';
import { FaultStage } from '../../helpers/faultsStage';
import { stories } from '../../helpers/faultsStories';
import type { FaultyMigration } from '../../helpers/faultsMigration';
import { ALL_ROWS } from '../../helpers/faultsSource';
import { leaveBehind, standsStill, stopAt } from '../../helpers/faultsZombie';

/**
 * The first attempt is sent back when its time is over; a later one has copied part of the rows when the worker wakes.
 * At its pace the first one stands at the commit point some seconds before that, and fewer than the 8 after which
 * another worker would take the commit over.
 */
const DEADLINE = 14;
const PACE = ALL_ROWS / 5;
const SENT_BACK = { maxFreezeSeconds: DEADLINE, attempts: 10 };

describe('a worker that wakes in a later cutover than it fell asleep in changes nothing of it', () => {
  stories(() => FaultStage.open({ readOnly: true }), {
    'before the commit point: half a copy is not declared the truth': async (stage) => {
      await using network = await CuttableNetwork.to(stage.temporalAddress);
      const migration = await stage.migrate({
        ...stopAt('commit.checked', network),
        copy: { rowsPerSecond: PACE },
        cutover: SENT_BACK,
      });
      await migration.run.approve();
      await standsStill(migration);
      const zombie = await leaveBehind(migration, network);
      await migration.run.signal('throttle', { rowsPerSecond: 4_000 });
      await copiesAgain(migration);
      await zombie.wakeAndGiveUp();
      await migration.run.signal('throttle', { rowsPerSecond: 0 });
      await migration.fromApprovalToTheEnd();
    },

    'before it empties the tables: rows copied since stay': async (stage) => {
      await using network = await CuttableNetwork.to(stage.temporalAddress);
      const migration = await stage.migrate({
        ...stopAt('compensation.begun@emptyTables', network),
        copy: { rowsPerSecond: 1_000 },
        cutover: SENT_BACK,
      });
      await migration.run.approve();
      await standsStill(migration);
      const zombie = await leaveBehind(migration, network);
      await migration.run.signal('throttle', { rowsPerSecond: 4_000 });
      await copiesAgain(migration);
      await zombie.wakeAndGiveUp();
      await migration.run.signal('throttle', { rowsPerSecond: 0 });
      await migration.fromApprovalToTheEnd();
    },
  });
});

/** Waits for a later attempt that has committed chunks and has more to copy. */
async function copiesAgain(migration: FaultyMigration): Promise<void> {
  await migration.untilOnTarget(
    'a later cutover is amid its copy',
    `SELECT 1 FROM temporal_migrate.runs JOIN temporal_migrate.chunks USING (run_id)
     WHERE epoch > 1 AND state = 'frozen' HAVING count(rows) > 1 AND count(*) > count(rows) + 10`,
  );
}
