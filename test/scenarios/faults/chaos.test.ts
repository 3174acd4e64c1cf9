import { say } from '../../../scripts/servers/run';
import { chaosAskedFor, momentsOf } from '../../helpers/chaosMoments';
import { everyKind } from '../../helpers/chaosSource';
import { FaultStage } from '../../helpers/faultsStage';
import { until } from '../../helpers/faultsUntil';

const chaos = chaosAskedFor();
const ROWS_PER_KILL = 5_000;
const ROWS_WITH_MOMENTS = chaos.kills * ROWS_PER_KILL;
/** Behind the last moment, so that workers are still amid the copy when it has been seen. */
const ROWS = ROWS_WITH_MOMENTS + 10_000;
/** While the lanes of one are taken over, the others go on: so many are killed in the time of one. */
const WORKERS = 3;
/** Between two moments the next worker has time to start. */
const SLOW = { rowsPerSecond: 2_500, parallelism: WORKERS };
/** For each kill: until Temporal misses a worker, at the most, and then some. */
const KILL_MS = 60_000;

test(
  `every value arrives once when workers are killed at ${chaos.kills} moments of its copy (CHAOS_SEED=${chaos.seed})`,
  async () => {
    await using stage = await FaultStage.open({ readOnly: true, holds: everyKind(ROWS) });
    const migration = await stage.migrate({ copy: SLOW });
    for (let worker = 1; worker < WORKERS; worker += 1) migration.addWorker();
    await migration.run.approve();
    await migration.accountable(async () => {
      for (const [index, { atRow, place }] of momentsOf(chaos, ROWS_WITH_MOMENTS).entries()) {
        const copied = await until(`${atRow} rows are copied`, async () => {
          const rows = await migration.copiedRows();
          return rows >= atRow && { rows };
        });
        const victim = await until('a worker is amid the copy', async () => {
          const workers = await migration.workersAmidCopyOf('every_kind');
          return workers[Math.floor(place * workers.length)];
        });
        await victim.kill();
        say(`chaos: worker ${index + 1} of ${chaos.kills} killed, ${copied.rows} of ${ROWS} rows copied`);
      }
    });
    await migration.run.signal('throttle', { rowsPerSecond: 0 });
    const result = await migration.fromApprovalToTheEnd();
    expect(migration.deaths).toBe(chaos.kills);
    expect(result.phases.find(({ name }) => name === 'cutover')?.attempts).toBe(1);
  },
  300_000 + chaos.kills * KILL_MS,
);
