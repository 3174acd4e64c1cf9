import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { rangesBetween } from '../../../domain/keys';
import type { TablePlan } from '../../../domain/plan';
import type { ChangeStream, Source } from '../../../engines/engine';
import { applyChanges, type StreamEnd } from '../../../pipeline/applyChanges';
import { copyChunk, type CopyTask } from '../../../pipeline/copyChunk';
import { readAtPlaces } from '../../../pipeline/laterTables';
import { PaceLimiter } from '../../../pipeline/pace';
import { sourceLookup } from '../../../pipeline/sourceLookup';
import { compareDatabases } from '../../helpers/compareDatabases';
import { execute, mysqlSessions, query } from '../../helpers/databases';
import { HEAP_TABLES, HeapWriters } from '../../helpers/heapWriters';
import { MigrationStage } from '../../helpers/migrationStage';
import { follow } from '../binlog/following';
import { FLAVOURS, NEVER, VerificationPair } from '../verification/pair';

const TABLES = ['visit', 'word', 'place', 'tally'];
const STREAM = 'forward';

describe.each(FLAVOURS)('tables without a key on a %s that is written to without pause', (flavour) => {
  let pair: VerificationPair;
  let source: Source;
  let changes: ChangeStream;
  let writers: HeapWriters | null = null;
  const runId = `run-${randomBytes(4).toString('hex')}`;
  let epoch = 0;

  beforeAll(async () => {
    pair = await VerificationPair.open(flavour);
    await pair.onSource(HEAP_TABLES);
    await pair.plan();
    const run = { runId, workflowId: 'w', sourceName: 's', targetName: 't', fingerprint: 'f' };
    epoch = await pair.target.control.openRun(run);
    ({ source } = await pair.another());
    changes = source.changes as ChangeStream;
  });
  afterAll(async () => {
    await writers?.stop();
    await source[Symbol.asyncDispose]();
    await pair[Symbol.asyncDispose]();
  });

  const plans = (): TablePlan[] =>
    TABLES.map((name) => ({ table: pair.table(name), ddl: pair.target.translate(pair.table(name)).ddl }));

  async function copy(signal: AbortSignal): Promise<void> {
    await using lane = await pair.target.openLane({ runId, epoch, lane: 'copy/1' });
    const pace = new PaceLimiter();
    const task: CopyTask = { source, lane, plans: plans(), pace, rejectedLimit: 0, signal, isWritten: true };
    while ((await copyChunk(task)) !== null);
  }

  async function apply(signal: AbortSignal): Promise<StreamEnd> {
    const tables = plans().map((plan) => ({ plan, formats: source.cellFormats(plan.table) }));
    await using applier = await pair.target.openApplier({ runId, epoch, lane: STREAM }, tables);
    const { high } = (await pair.target.control.loadStream(runId, STREAM))!;
    const readAt = readAtPlaces(tables, await pair.target.control.loadReadAt(runId));
    const lookup = sourceLookup(source, tables, signal);
    return await applyChanges({
      ...{ stream: changes, applier, tables, high, readAt, source: lookup, signal },
      onApplied: () => undefined,
    });
  }

  /** Attempts that end in the middle of something, then one that applies until a stop that is ordered. */
  async function applyUntilStop(deaths: readonly number[]): Promise<void> {
    for (const afterMs of deaths) {
      const dying = new AbortController();
      const end = apply(dying.signal).catch((error: unknown) => error);
      await delay(afterMs);
      dying.abort(new Error('killed'));
      const how = await end;
      if (!(how instanceof Error)) return;
      expect(how.message).toBe('killed');
    }
    expect(await apply(NEVER)).toMatchObject({ kind: 'drained' });
  }

  const streamIndexes = async (): Promise<unknown[]> =>
    query(pair.targetUrl, `SELECT 1 FROM pg_indexes WHERE indexname LIKE 'temporal\\_migrate\\_%'`);

  test('are on the target with each row as often as on the source, although copies and appliers die', async () => {
    const { target } = pair;
    writers = await HeapWriters.start(pair.sourceUrl, 4, 1);
    await delay(1_000);
    const from = await changes.start(10_000);
    for (const table of TABLES) await target.control.saveChunks(runId, table, rangesBetween([]));
    // What is written until each table is read is in the table as well as behind the stream's begin.
    await delay(200);
    for (const afterMs of [30, 60]) {
      const dying = new AbortController();
      const end = copy(dying.signal).catch((error: unknown) => error);
      await delay(afterMs);
      dying.abort(new Error('killed'));
      await end;
    }
    await copy(NEVER);
    const readAt = await target.control.loadReadAt(runId);
    expect([...readAt.keys()].sort()).toEqual(['place', 'visit', 'word']);
    await pair.onTarget(`ALTER TABLE tally ADD PRIMARY KEY (id)`);
    await target.control.beginStream(runId, STREAM, from, await source.position());
    const before = writers.changes;
    const applying = applyUntilStop([150, 400, 250, 600]);
    while (writers.changes - before < 3_000) await delay(50);
    await writers.stop();
    process.stdout.write(`${flavour}: ${writers.changes} changes, ${writers.changes - before} while streamed\n`);
    await target.control.orderStop(runId, STREAM, await source.position());
    await applying;

    expect(await compareDatabases(pair.sourceUrl, pair.targetUrl)).toBeGreaterThan(100);
    for (const name of TABLES) expect(await pair.verify(name)).toMatchObject({ mismatches: 0, examples: [] });
    expect(await streamIndexes()).toHaveLength(3);
    await target.dropStreamIndexes({ runId, epoch, lane: 'handOver' });
    await target.dropStreamIndexes({ runId, epoch, lane: 'handOver' });
    expect(await streamIndexes()).toEqual([]);
  }, 60_000);

  test('are read at a position: a transaction that is open meanwhile is in the rows, or behind it, and never both', async () => {
    const word = pair.table('word');
    const writer = await createConnection({ uri: pair.sourceUrl.replace(/^mariadb:/, 'mysql:') });
    await writer.query(`DELETE FROM word`);
    await writer.query('BEGIN');
    await writer.query(`INSERT INTO word VALUES ('open')`);
    const sink = { row: () => undefined, pressure: () => null };
    const reading = source.copyAtPosition!({ table: word, range: { after: null, upTo: null }, signal: NEVER }, sink);
    if (flavour === 'mysql') {
      const waits = async (): Promise<boolean> =>
        (await mysqlSessions(pair.sourceUrl)).some(({ statement }) => /^LOCK TABLES/u.test(statement));
      while (!(await waits())) await delay(10);
    } else await reading;
    await writer.query('COMMIT');
    const { rows, position } = await reading;
    const { changes: behind } = await follow(changes, [word], position, await source.position());
    expect([rows, behind.length]).toEqual(flavour === 'mysql' ? [1, 0] : [0, 1]);
    await writer.end();
  }, 30_000);

  test('end the stream by an error, and nothing is applied, when a row that is deleted is not on the target', async () => {
    const { target } = pair;
    await pair.onSource(`DELETE FROM word; INSERT INTO word VALUES ('x'), ('x')`);
    await target.control.orderStop(runId, STREAM, await source.position());
    await applyUntilStop([]);
    // As when a column goes that the index is on.
    await pair.onTarget(`DO $$ BEGIN EXECUTE 'DROP INDEX temporal_migrate_rows_' || 'word'::regclass::oid; END $$`);
    await pair.onTarget(`DELETE FROM word WHERE ctid IN (SELECT ctid FROM word LIMIT 1)`);
    await pair.onSource(`DELETE FROM word; INSERT INTO word VALUES ('y')`);
    await target.control.orderStop(runId, STREAM, await source.position());
    await expect(apply(NEVER)).rejects.toMatchObject({
      code: 'ROW_MISSING',
      message: expect.stringContaining('1 of 2 rows that word has no more') as unknown,
    });
    expect(await query(pair.targetUrl, 'SELECT text FROM word')).toEqual([{ text: 'x' }]);
    expect(await streamIndexes()).toHaveLength(3);
  }, 30_000);
});

test('a whole migration moves them beside others, compares those that were written under the freeze, and leaves no index', async () => {
  const quiet = `; CREATE TABLE quiet (a INT, b TEXT); INSERT INTO quiet VALUES (1, 'x'), (1, 'x'), (NULL, NULL), (NULL, '')`;
  // A log without GTIDs: positions are places in files, of which others begin all the time.
  const settings = { gtid_mode: 'OFF', enforce_gtid_consistency: 'OFF' };
  await using stage = await MigrationStage.open({ load: HEAP_TABLES + quiet, settings });
  await stage.startWorker();
  const writers = await HeapWriters.start(stage.sourceUrl, 3, 5);
  try {
    const run = await stage.start({ strategy: 'live', reverse: false, trial: { percent: 0 } });
    const copied = new AbortController();
    const rotating = (async () => {
      while (!copied.signal.aborted) {
        await execute(stage.sourceUrl, 'FLUSH BINARY LOGS');
        await delay(50);
      }
    })();
    await run
      .until(({ waitingFor }) => waitingFor === 'approval')
      .finally(() => {
        copied.abort();
      });
    await rotating;
    await run.approve();
    await run.until(({ waitingFor }) => waitingFor === 'acceptance');
    await writers.stop();
    expect(writers.refused).toBeGreaterThan(0);
    expect(await compareDatabases(stage.sourceUrl, stage.targetUrl)).toBeGreaterThan(100);
    const result = await run.accept();
    expect(result.tables.map(({ mismatches }) => mismatches)).toEqual([0, 0, 0, 0, 0]);
    expect(result.tables.map(({ verifiedRows }) => verifiedRows)).toEqual(
      result.tables.map(({ sourceRows }) => sourceRows),
    );
    const indexes = await query(
      stage.targetUrl,
      `SELECT undone_by FROM temporal_migrate.rollback_log WHERE kind = 'streamIndex'`,
    );
    expect(indexes).toEqual(Array(4).fill({ undone_by: 'end the change stream' }));
    expect(await query(stage.targetUrl, `SELECT 1 FROM pg_indexes WHERE indexname LIKE 'temporal\\_migrate%'`)).toEqual(
      [],
    );
  } finally {
    await writers.stop();
  }
});
