import type { FaultyMigration } from './faultsMigration';
import type { CuttableNetwork } from '../../scripts/chaos/cuttableNetwork';
import type { Fault, WorkerOptions } from './faultsSupervisor';
import { until } from './faultsUntil';

/** A worker that is to stand still at a point, reached by a network that can be cut. */
export function stopAt(at: Fault['at'], network: CuttableNetwork): WorkerOptions {
  return { faults: [{ at, signal: 'SIGSTOP' }], temporalAddress: network.address };
}

/** Waits until the armed worker stands still at its point. */
export async function standsStill({ supervisor }: FaultyMigration): Promise<void> {
  await until('the worker stands still', () => supervisor.hits.length > 0);
}

export interface Zombie {
  /** Waits until another worker has taken over each of its lanes. */
  untilReplaced(): Promise<void>;
  /** Wakes it, and waits until it has given up everything it held on the target. */
  wakeAndGiveUp(): Promise<void>;
}

/** Takes the first worker's network away, as of a machine that hangs, and adds another worker. */
export async function leaveBehind(migration: FaultyMigration, network: CuttableNetwork): Promise<Zombie> {
  const { supervisor } = migration;
  const sessions = await sessionsOf(migration);
  const lanes = await sessionsOf(migration, 'JOIN temporal_migrate.lanes USING (backend_pid, backend_start)');
  network.cut();
  migration.addWorker();
  const ended = (some: readonly string[]) => async (): Promise<boolean> => {
    const alive = await sessionsOf(migration);
    return !some.some((session) => alive.includes(session));
  };
  return {
    untilReplaced: async () => {
      await until('others have taken over its lanes', ended(lanes));
    },
    wakeAndGiveUp: async () => {
      network.mend();
      supervisor.worker.wake();
      await until('the woken worker has given up', ended(sessions));
      expect(supervisor.deaths).toBe(0);
    },
  };
}

/** The migration's server processes on the target, none mistaken for a later one with the same number. */
async function sessionsOf(migration: FaultyMigration, join = ''): Promise<string[]> {
  const rows = await migration.onTarget(
    `SELECT backend_pid || ' ' || backend_start AS session
     FROM (SELECT pid AS backend_pid, backend_start FROM pg_stat_activity
       WHERE application_name = 'temporal-migrate' AND datname = current_database()) AS sessions ${join}`,
  );
  return rows.map(({ session }) => String(session));
}
