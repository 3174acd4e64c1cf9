import type { DatabaseSettings } from '../../../domain/connection';
import type { TakesBack } from '../../engine';
import { openSession } from '../connection';
import type { Session } from '../session';
import { openApplier } from './applier';
import { beginStream, forgetRun, loadStream, makeControl, orderStop, streamsOf } from './control';
import { takeLane } from './lane';
import { tableLimits } from './limits';
import { obstacles } from './obstacles';

/** A MySQL or MariaDB that takes back what was written on the target of its migration. */
export function mysqlTakesBack(settings: DatabaseSettings): TakesBack {
  const within = async <T>(work: (session: Session) => Promise<T>): Promise<T> => {
    await using session = await openSession(settings, { writes: true });
    return await work(session);
  };
  return {
    obstacles: (tables, freeze = 'readOnly') => within((session) => obstacles(session, tables, freeze)),
    limits: (tables) => within((session) => Promise.resolve(tables.map((table) => tableLimits(table, session.server)))),
    prepare: (run) => within((session) => makeControl(session, run)),
    openApplier: (work, tables) => openApplier(settings, work, tables),
    beginStream: (runId, stream, from, high) =>
      within((session) => beginStream(session, { runId, stream }, from, high)),
    loadStream: (runId, stream) => within((session) => loadStream(session, { runId, stream })),
    orderStop: (runId, stream, stop) => within((session) => orderStop(session, { runId, stream }, stop)),
    drop: (run) =>
      within(async (session) => {
        for (const stream of await streamsOf(session, run)) await takeLane(session, { ...run, stream });
        await forgetRun(session, run);
      }),
  };
}
