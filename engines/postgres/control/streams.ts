import { MigrationError } from '../../../domain/errors';
import type { Position } from '../../../domain/position';
import type { RowKey } from '../../../domain/rowKey';
import type { ChangeBatch, RunKey, StreamOrders, StreamStore, UnsettledStore } from '../../engine';
import type { PostgresSession } from '../connection';
import { document, integer, text } from './decode';

/** Where each stream of a run stands. Positions are compared as the text that they were written as. */
export function streamStore(session: PostgresSession): StreamStore & UnsettledStore {
  return {
    async beginStream(runId, stream, from, high) {
      await session.query(
        `insert into temporal_migrate.streams (run_id, stream, position, high) values ($1, $2, $3, $4)
         on conflict do nothing`,
        [runId, stream, JSON.stringify(from), JSON.stringify(high)],
      );
    },
    async loadStream(runId, stream) {
      const [row] = await session.query(
        `select position, within, high, stop, committed_at_ms from temporal_migrate.streams
         where run_id = $1 and stream = $2`,
        [runId, stream],
      );
      if (row === undefined) return null;
      const [position, within, high, stop, committed] = row;
      return {
        applied: { position: document(position) as Position, within: integer(within) },
        high: document(high) as Position,
        stop: stopOf(stop),
        committedAtMs: committed === null || committed === undefined ? null : Number(committed),
      };
    },
    async orderStop(runId, stream, stop) {
      await session.query(`update temporal_migrate.streams set stop = $3 where run_id = $1 and stream = $2`, [
        runId,
        stream,
        stop === null ? null : JSON.stringify(stop),
      ]);
    },
    async saveUnsettled(runId, table, keys) {
      await session.transaction(async () => {
        await session.query(`delete from temporal_migrate.unsettled_keys where run_id = $1 and table_name = $2`, [
          runId,
          table,
        ]);
        if (keys.length === 0) return;
        await session.query(
          `insert into temporal_migrate.unsettled_keys (run_id, table_name, key) select $1, $2, unnest($3::json[])`,
          [runId, table, keys.map((key) => JSON.stringify(key))],
        );
      });
    },
    async loadUnsettled(runId, table) {
      const rows = await session.query(
        `select key from temporal_migrate.unsettled_keys where run_id = $1 and table_name = $2`,
        [runId, table],
      );
      return rows.map(([key]) => document(key) as RowKey);
    },
  };
}

/** A stream as its applier sees it. */
export interface StreamKey extends RunKey {
  readonly stream: string;
}

export async function readOrders(session: PostgresSession, { runId, stream }: StreamKey): Promise<StreamOrders> {
  const [row] = await session.query(`select stop from temporal_migrate.streams where run_id = $1 and stream = $2`, [
    runId,
    stream,
  ]);
  return { stop: stopOf(row?.[0]) };
}

/**
 * Moves a stream, in the transaction that applies what lies between. Errors: STREAM_MOVED when it stands elsewhere than
 * `from`, as when another attempt has applied that already.
 */
export async function moveStream(
  session: PostgresSession,
  { runId, stream }: StreamKey,
  { from, to, committedAtMs, refreshed }: ChangeBatch,
): Promise<StreamOrders> {
  const high = refreshed && JSON.stringify(refreshed.high);
  const rows = await session.query(
    `update temporal_migrate.streams
     set position = $3, within = $4, committed_at_ms = coalesce($5, committed_at_ms), high = coalesce($8, high),
       applied_at = clock_timestamp()
     where run_id = $1 and stream = $2 and position = $6 and within = $7 returning stop`,
    [
      ...[runId, stream, JSON.stringify(to.position), to.within, committedAtMs],
      ...[JSON.stringify(from.position), from.within, high],
    ],
  );
  const [row] = rows;
  if (row !== undefined) return { stop: stopOf(row[0]) };
  throw new MigrationError(
    'STREAM_MOVED',
    `stream ${stream} of run ${runId} does not stand at ${JSON.stringify(from)} any more: somebody else applies it`,
  );
}

/** Keeps names, in the transaction that applies what they follow from. */
export async function saveVacated(
  session: PostgresSession,
  { runId, stream }: StreamKey,
  names: readonly string[],
): Promise<void> {
  if (names.length === 0) return;
  await session.query(
    `insert into temporal_migrate.vacated_keys (run_id, stream, name) select $1, $2, unnest($3::text[])
     on conflict do nothing`,
    [runId, stream, names],
  );
}

export async function findVacated(
  session: PostgresSession,
  { runId, stream }: StreamKey,
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  if (names.length === 0) return new Set();
  const rows = await session.query(
    `select name from temporal_migrate.vacated_keys where run_id = $1 and stream = $2 and name = any($3)`,
    [runId, stream, names],
  );
  return new Set(rows.map(([name]) => text(name)));
}

function stopOf(stop: string | null | undefined): Position | null {
  return stop === null || stop === undefined ? null : (document(text(stop)) as Position);
}
