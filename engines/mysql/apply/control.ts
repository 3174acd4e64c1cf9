import { createHash } from 'node:crypto';
import { assert, MigrationError } from '../../../domain/errors';
import type { Position } from '../../../domain/position';
import type { AppliedPosition, ChangeBatch, RunKey, RunWork, StreamOrders, StreamState } from '../../engine';
import { errorNumber } from '../errors';
import { quoteText } from '../quote';
import type { Session } from '../session';
import type { Statement } from './statement';

/** A database of the server's own, so that the tables that are moved stay as they are. */
export const CONTROL = 'temporal_migrate';

/** A stream's names may be longer than a key can be: it is found by what they come to. */
const STREAMS = `CREATE TABLE IF NOT EXISTS ${CONTROL}.streams (
  id CHAR(64) CHARACTER SET ascii COLLATE ascii_bin PRIMARY KEY, run_id LONGTEXT NOT NULL, stream LONGTEXT NOT NULL,
  epoch BIGINT NOT NULL, \`position\` LONGTEXT NOT NULL, within BIGINT NOT NULL, high LONGTEXT NOT NULL, stop LONGTEXT NULL,
  committed_at_ms DOUBLE NULL, applied_at DATETIME(6) NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`;

/** Migrations of this server that need the control schema. */
const RUNS = `CREATE TABLE IF NOT EXISTS ${CONTROL}.runs (
  id CHAR(64) CHARACTER SET ascii COLLATE ascii_bin PRIMARY KEY, run_id LONGTEXT NOT NULL
) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`;

const NO_SUCH_DATABASE = 1049;
const NO_SUCH_TABLE = 1146;

/** Whoever makes the control schema or removes it has this lock of the server's. */
const CONTROL_LOCK = `${CONTROL} control`;
const LOCK_SECONDS = 60;

/** Makes the control schema, unless it is there, and has it stay as long as this run needs it. */
export function makeControl(session: Session, { runId }: RunKey): Promise<void> {
  return alone(session, async () => {
    await session.query(`CREATE DATABASE IF NOT EXISTS ${CONTROL} DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
    await session.query(STREAMS);
    await session.query(RUNS);
    await session.query(`INSERT IGNORE INTO ${CONTROL}.runs VALUES ('${digest(runId)}', ${quoteText(runId)})`);
  });
}

/** Forgets a run and its streams, and the control schema with the last run of all. */
export function forgetRun(session: Session, { runId }: RunKey): Promise<void> {
  return alone(session, async () => {
    try {
      await session.query(`DELETE FROM ${CONTROL}.streams WHERE run_id = ${quoteText(runId)}`);
      await session.query(`DELETE FROM ${CONTROL}.runs WHERE id = '${digest(runId)}'`);
      const others = await session.query(`SELECT 1 FROM ${CONTROL}.runs LIMIT 1`);
      if (others.length > 0) return;
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
    await session.query(`DROP DATABASE IF EXISTS ${CONTROL}`);
  });
}

async function alone(session: Session, work: () => Promise<void>): Promise<void> {
  const [taken] = await session.query(`SELECT GET_LOCK('${CONTROL_LOCK}', ${LOCK_SECONDS})`);
  if (taken?.[0] !== '1') {
    throw new MigrationError(
      'SERVER_BUSY',
      `connection "${session.name}": somebody else makes or removes the schema ${CONTROL}; it is tried again`,
    );
  }
  await work();
  await session.query(`SELECT RELEASE_LOCK('${CONTROL_LOCK}')`);
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

/** The names of a run's streams; none where nothing was prepared. */
export async function streamsOf(session: Session, { runId }: RunKey): Promise<string[]> {
  try {
    const rows = await session.query(`SELECT stream FROM ${CONTROL}.streams WHERE run_id = ${quoteText(runId)}`);
    return rows.map(([stream]) => stream ?? '');
  } catch (error) {
    if (isMissing(error)) return [];
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return [NO_SUCH_DATABASE, NO_SUCH_TABLE].includes(errorNumber(error) ?? 0);
}

/** A stream of a run. */
export interface StreamKey extends RunKey {
  readonly stream: string;
}

/** What a stream is called where names are short: the same for every attempt. */
export function streamId({ runId, stream }: StreamKey): string {
  return digest(JSON.stringify([runId, stream]));
}

const spelled = (position: Position): string => quoteText(JSON.stringify(position));
const read = (position: string | null | undefined): Position | null =>
  position === null || position === undefined ? null : (JSON.parse(position) as Position);
const whereId = (key: StreamKey): string => `WHERE id = '${streamId(key)}'`;

export async function beginStream(session: Session, key: StreamKey, from: Position, high: Position): Promise<void> {
  // What is not there is made by one of two who try; the other one is ignored.
  await session.query(
    `INSERT IGNORE INTO ${CONTROL}.streams (id, run_id, stream, epoch, \`position\`, within, high) VALUES
     ('${streamId(key)}', ${quoteText(key.runId)}, ${quoteText(key.stream)}, 0, ${spelled(from)}, 0, ${spelled(high)})`,
  );
}

/** Null before it has begun, and where nothing was prepared. */
export async function loadStream(session: Session, key: StreamKey): Promise<StreamState | null> {
  const sql = `SELECT \`position\`, within, high, stop, committed_at_ms FROM ${CONTROL}.streams ${whereId(key)}`;
  const [row] = await session.query(sql).catch((error: unknown) => {
    if (isMissing(error)) return [];
    throw error;
  });
  if (row === undefined) return null;
  const [position, within, high, stop, committed] = row;
  const [applied, from] = [read(position), read(high)];
  assert(applied !== null && from !== null, 'a stream stands somewhere');
  return {
    applied: { position: applied, within: Number(within) },
    high: from,
    stop: read(stop),
    committedAtMs: committed === null || committed === undefined ? null : Number(committed),
  };
}

export async function orderStop(session: Session, key: StreamKey, stop: Position | null): Promise<void> {
  const value = stop === null ? 'NULL' : spelled(stop);
  await session.query(`UPDATE ${CONTROL}.streams SET stop = ${value} ${whereId(key)}`);
}

export async function readOrders(session: Session, key: StreamKey): Promise<StreamOrders> {
  const [row] = await session.query(`SELECT stop FROM ${CONTROL}.streams ${whereId(key)}`);
  return { stop: read(row?.[0]) };
}

/** Where the stream stands. Errors: INTERNAL before it has begun. */
export async function readApplied(session: Session, key: StreamKey): Promise<AppliedPosition> {
  const state = await loadStream(session, key);
  if (state === null) throw new MigrationError('INTERNAL', `stream ${key.stream} of run ${key.runId} has not begun`);
  return state.applied;
}

/** Has attempts of earlier epochs commit nothing any more. Errors: EPOCH_STALE where this is one. */
export async function raiseEpoch(session: Session, { epoch, runId, lane }: RunWork): Promise<void> {
  const key = { runId, stream: lane };
  await session.query(`UPDATE ${CONTROL}.streams SET epoch = GREATEST(epoch, ${epoch}) ${whereId(key)}`);
  const found = await readEpoch(session, key);
  if (found !== null && found !== epoch) throw stale(key, epoch, found);
}

/**
 * Moves a stream, in the transaction that applies what lies between; the first statement of it. Errors: EPOCH_STALE;
 * STREAM_MOVED when it stands elsewhere than `from`, as when another attempt has applied that already.
 */
export async function moveStream(
  session: Session,
  statement: Statement,
  { epoch, runId, lane }: RunWork,
  { from, to, committedAtMs }: ChangeBatch,
): Promise<void> {
  const key = { runId, stream: lane };
  statement.clear();
  const committed = committedAtMs === null ? 'committed_at_ms' : String(committedAtMs);
  statement.text(
    `UPDATE ${CONTROL}.streams SET \`position\` = ${spelled(to.position)}, within = ${to.within},
       committed_at_ms = ${committed}, applied_at = UTC_TIMESTAMP(6)
     ${whereId(key)} AND \`position\` = ${spelled(from.position)} AND within = ${from.within} AND epoch = ${epoch}`,
  );
  const { rows } = await session.write(statement.bytes);
  if (rows === 1) return;
  const found = await readEpoch(session, key);
  if (found !== null && found !== epoch) throw stale(key, epoch, found);
  throw new MigrationError(
    'STREAM_MOVED',
    `stream ${lane} of run ${runId} does not stand at ${JSON.stringify(from)} any more: somebody else applies it`,
  );
}

async function readEpoch(session: Session, key: StreamKey): Promise<number | null> {
  const [row] = await session.query(`SELECT epoch FROM ${CONTROL}.streams ${whereId(key)}`);
  return row === undefined ? null : Number(row[0]);
}

function stale({ runId, stream }: StreamKey, epoch: number, found: number): MigrationError {
  const told = `the work began in epoch ${epoch} of run ${runId}, and its stream ${stream} is in epoch ${found} now`;
  return new MigrationError('EPOCH_STALE', `${told}: it has been undone, and nothing of it may be written any more`);
}
