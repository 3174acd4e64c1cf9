import { randomBytes } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { rangesBetween } from '../../../domain/keys';
import type { TablePlan } from '../../../domain/plan';
import type { ChangeStream, Source } from '../../../engines/engine';
import { applyChanges, type StreamEnd } from '../../../pipeline/applyChanges';
import { copyChunk } from '../../../pipeline/copyChunk';
import { PaceLimiter } from '../../../pipeline/pace';
import { sourceLookup } from '../../../pipeline/sourceLookup';
import { verifyLive, type LiveResult } from '../../../pipeline/verifyLive';
import { Chance, ledgerOf, LIVE_TABLES, LiveWriters } from '../../helpers/liveWriters';
import { FLAVOURS, NEVER, VerificationPair } from '../verification/pair';

const TABLES = ['account', 'purchase', 'line', 'hint'];
const STREAM = 'forward';

describe.each(FLAVOURS)('a %s source that is written to without pause', (flavour) => {
  let pair: VerificationPair;
  let writers: LiveWriters | null = null;
  beforeAll(async () => {
    pair = await VerificationPair.open(flavour);
    await pair.onSource(LIVE_TABLES);
    await pair.plan();
  });
  afterAll(async () => {
    await writers?.stop();
    await pair[Symbol.asyncDispose]();
  });

  const runId = `run-${randomBytes(4).toString('hex')}`;
  let epoch = 0;

  const plans = (): TablePlan[] =>
    TABLES.map((name) => ({ table: pair.table(name), ddl: pair.target.translate(pair.table(name)).ddl }));

  async function copy(source: Source, rowsPerChunk: number): Promise<void> {
    await using lane = await pair.target.openLane({ runId, epoch, lane: 'copy/1' });
    for (const { table } of plans()) {
      const ranges = rangesBetween(await source.chunkBounds(table, rowsPerChunk, NEVER));
      await pair.target.control.saveChunks(runId, table.source.name, ranges);
    }
    const task = { source, lane, plans: plans(), pace: new PaceLimiter(), rejectedLimit: 0, signal: NEVER };
    while ((await copyChunk(task)) !== null);
  }

  async function apply(source: Source, signal: AbortSignal): Promise<StreamEnd> {
    const tables = plans().map((plan) => ({ plan, formats: source.cellFormats(plan.table) }));
    await using applier = await pair.target.openApplier({ runId, epoch, lane: STREAM }, tables);
    const { high } = (await pair.target.control.loadStream(runId, STREAM))!;
    const stream = source.changes as ChangeStream;
    const task = {
      stream,
      applier,
      tables,
      high,
      source: sourceLookup(source, tables, signal),
      signal,
      onApplied: () => undefined,
    };
    return await applyChanges(task);
  }

  /** Applies until a stop that is ordered; attempts before the last die after some time. */
  async function applyUntilStop(source: Source, deaths: readonly number[]): Promise<void> {
    for (const afterMs of deaths) {
      const dying = new AbortController();
      const end = apply(source, dying.signal).catch((error: unknown) => error);
      await delay(afterMs);
      dying.abort(new Error('killed'));
      const how = await end;
      if (how instanceof Error) expect(how.message).toBe('killed');
      else return;
    }
    expect(await apply(source, NEVER)).toMatchObject({ kind: 'drained' });
  }

  test('is on the target with every acknowledged change, none twice, although appliers die', async () => {
    const { target } = pair;
    const chance = new Chance(1);
    epoch = await target.control.openRun({
      runId,
      workflowId: 'w',
      sourceName: 's',
      targetName: 't',
      fingerprint: 'f',
    });
    writers = await LiveWriters.start(pair.sourceUrl, 8, 1, 400);
    await delay(500);
    const { source } = await pair.another();
    const changes = source.changes as ChangeStream;
    const from = await changes.start(10_000);
    await copy(source, 50);
    const high = await source.position();
    const onTarget = async (kinds: readonly string[]): Promise<void> => {
      const steps = plans().flatMap(({ ddl }) => ddl.build.filter(({ kind }) => kinds.includes(kind)));
      await pair.onTarget(steps.map(({ sql }) => `${sql};`).join('\n'));
    };
    await onTarget(['primaryKey']);
    await target.control.beginStream(runId, STREAM, from, high);

    // Up to where the copy ended; then the unique indexes, under which the rest is applied.
    await target.control.orderStop(runId, STREAM, high);
    await applyUntilStop(source, [100, 200, 50]);
    for (let state = await target.control.loadStream(runId, STREAM); ;) {
      if (changes.contains(state!.applied.position, state!.high)) break;
      await target.control.orderStop(runId, STREAM, state!.high);
      await applyUntilStop(source, []);
      state = await target.control.loadStream(runId, STREAM);
    }
    await onTarget(['unique', 'index']);
    await target.control.orderStop(runId, STREAM, null);
    const [before, startedAt] = [writers.changes, Date.now()];
    const applying = applyUntilStop(
      source,
      Array.from({ length: 4 }, () => 200 + chance.below(700)),
    );
    const looker = await pair.another();
    const caughtUp = async (): Promise<void> => {
      const position = await looker.source.position();
      for (;;) {
        const state = await looker.target.control.loadStream(runId, STREAM);
        if (changes.contains(state!.applied.position, position)) return;
        await delay(20);
      }
    };
    const verify = (name: string): Promise<LiveResult> =>
      verifyLive({
        ...looker,
        ...{ table: pair.table(name), ranges: [], rows: 5_000, rejected: [], caughtUp, signal: NEVER },
        heartbeat: () => undefined,
      });
    for (const name of TABLES) {
      const { verified, unsettled } = await verify(name);
      expect({ name, examples: verified.examples }).toEqual({ name, examples: [] });
      expect(unsettled.length).toBeLessThan(verified.sourceRows / 10);
      expect(verified.verifiedRows).toBeGreaterThan(verified.sourceRows / 2);
    }
    // Nobody writes this row: it is told apart from those that are only late.
    await pair.onSource("INSERT INTO account (id, owner, name) VALUES (999999999, -1, 'at rest')");
    await caughtUp();
    await pair.onTarget("update account set name = 'damaged' where id = 999999999");
    expect((await verify('account')).verified.examples).toEqual([
      { table: 'account', key: ['999999999'], kind: 'different', columns: ['name'] },
    ]);
    await pair.onSource('DELETE FROM account WHERE id = 999999999');
    await looker.source[Symbol.asyncDispose]();
    await looker.target[Symbol.asyncDispose]();
    const rate = Math.round(((writers.changes - before) / (Date.now() - startedAt)) * 1_000);
    await writers.stop();
    const stop = await source.position();
    await target.control.orderStop(runId, STREAM, stop);
    await applying;
    process.stdout.write(`${flavour}: ${writers.changes} changes, ${rate}/s while streamed\n`);

    for (const name of TABLES) {
      const { mismatches, examples, sourceRows, verifiedRows } = await pair.verify(name);
      expect({ name, mismatches, examples, verifiedRows }).toEqual({
        name,
        mismatches: 0,
        examples: [],
        verifiedRows: sourceRows,
      });
    }
    const ledger = writers.ledger();
    expect(ledger.account.size).toBeGreaterThan(100);
    expect(await ledgerOf(pair.sourceUrl)).toEqual(ledger);
    expect(await ledgerOf(pair.targetUrl)).toEqual(ledger);
    await source[Symbol.asyncDispose]();
  }, 180_000);
});
