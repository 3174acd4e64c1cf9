import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { query } from '../../helpers/databases';
import { Chance, ledgerOf, LIVE_TABLES, LiveWriters } from '../../helpers/liveWriters';
import { FLAVOURS } from '../mysqlSource/stage';
import { WayBackServers, WayBackStage } from './stage';

const TABLES = ['account', 'purchase', 'line', 'hint', 'bulk'];
/** More than one batch takes, in one transaction. */
const BULK = 25_000;

describe.each(FLAVOURS)('what is written on PostgreSQL after a migration from %s', (flavour) => {
  let servers: WayBackServers;
  let writers: LiveWriters | null = null;
  beforeAll(async () => {
    servers = await WayBackServers.start(flavour);
  });
  afterAll(async () => {
    await writers?.stop();
    await servers[Symbol.asyncDispose]();
  });

  test('is in the source with every acknowledged change, none twice, although attempts die on either side', async () => {
    const { source, target } = servers;
    await using stage = await WayBackStage.open(servers);
    const chance = new Chance(2);
    await stage.onSource(`${LIVE_TABLES}; CREATE TABLE bulk (id INT PRIMARY KEY, v INT)`);
    await stage.copy(['primaryKey', 'unique', 'index', 'foreignKey']);
    await stage.begin();
    if (flavour === 'mysql') {
      await query(source.url(), 'SET GLOBAL super_read_only = ON');
      await expect(stage.attempt()).rejects.toMatchObject({ code: 'WAY_BACK_BLOCKED' });
      await query(source.url(), 'SET GLOBAL super_read_only = OFF');
    }
    // As behind the commit point: nobody else may write.
    await query(source.url(), 'SET GLOBAL read_only = ON');
    writers = await LiveWriters.start(stage.pair.targetUrl, 8, 3, 150);
    const began = Date.now();
    await stage.onTarget(`insert into bulk select n, n from generate_series(1, ${BULK}) n`);
    let applied = 0;
    const deaths: (() => Promise<void>)[] = [
      // A session of ours is ended on either side.
      async () => {
        const [row] = await query(
          source.url(),
          "SELECT ID AS id FROM information_schema.PROCESSLIST WHERE USER LIKE 'back%' ORDER BY ID DESC LIMIT 1",
        );
        if (row !== undefined) await query(source.url(), `KILL ${String(row['id'])}`).catch(() => undefined);
      },
      async () => {
        await query(
          target.url(),
          "select pg_terminate_backend(pid) from pg_stat_activity where backend_type = 'walsender'",
        );
      },
      // The server dies, and comes again as it was configured.
      async () => {
        await source.kill();
        await source.start();
        await query(source.url(), 'SET GLOBAL read_only = ON');
      },
      // Another attempt begins while this one is at work.
      async () => {
        await using heir = await stage.takesBack.openApplier(stage.work, stage.applied());
        await heir.applied();
      },
    ];
    // Processes die, or sleep while their heirs are at work, and wake.
    for (const signal of ['SIGKILL', 'SIGSTOP'] as const) {
      const child = await stage.spawnAttempt();
      const ended = once(child, 'exit');
      const said = lastOf(child);
      await said.first;
      await delay(chance.below(100));
      child.kill(signal);
      // Whatever the writers do, there is something for the heir.
      await stage.onTarget('update bulk set v = v + 1 where id = 1');
      const heir = new AbortController();
      const inherited = stage.attempt(heir.signal, ({ changes }) => {
        applied += changes;
        if (changes > 0) heir.abort(new Error('killed'));
      });
      await expect(inherited).rejects.toThrow('killed');
      child.kill('SIGCONT');
      await ended;
      if (signal === 'SIGSTOP') expect(said.last()).toBe('CONNECTION_LOST');
    }
    for (let death = 0; death < 4; death++) {
      let opened = (): void => undefined;
      const open = new Promise<void>((resolve) => (opened = resolve));
      const attempt = stage
        .attempt(undefined, ({ changes }) => (applied += changes), opened)
        .catch((error: unknown) => error);
      await Promise.race([open, attempt]);
      await delay(100 + chance.below(300));
      const ended = attempt.then(() => true);
      // What is to die may not have begun yet.
      do await deaths[death % deaths.length]?.();
      while (!(await Promise.race([ended, delay(300).then(() => false)])));
      expect(await attempt).toMatchObject({ retryable: true });
    }
    const reading = new AbortController();
    const abandoned = stage.attempt(reading.signal).catch((error: unknown) => error);
    await delay(100);
    reading.abort(new Error('killed'));
    expect(await abandoned).toEqual(new Error('killed'));
    await stage.onTarget('update bulk set id = -id, v = v + 1');
    await writers.stop();
    const rate = Math.round((writers.changes / (Date.now() - began)) * 1_000);
    const draining = Date.now();
    expect(await stage.drain()).toMatchObject({ kind: 'drained' });
    process.stdout.write(
      `${flavour}: ${writers.changes} changes at ${rate}/s, ${applied} applied before the end, drained in ${Date.now() - draining} ms\n`,
    );

    for (const name of TABLES) {
      const { mismatches, examples, sourceRows, verifiedRows } = await stage.verify(name);
      expect({ name, mismatches, examples, verifiedRows }).toEqual({
        name,
        mismatches: 0,
        examples: [],
        verifiedRows: sourceRows,
      });
    }
    const ledger = writers.ledger();
    expect(ledger.account.size).toBeGreaterThan(100);
    expect(await ledgerOf(stage.pair.targetUrl)).toEqual(ledger);
    expect(await ledgerOf(stage.pair.sourceUrl)).toEqual(ledger);
    expect((await query(stage.pair.sourceUrl, 'SELECT COUNT(*) AS n FROM bulk'))[0]?.['n']).toBe(BULK);

    await query(source.url(), 'SET GLOBAL read_only = OFF');
    await stage.takesBack.drop({ runId: stage.runId });
    await stage.takesBack.drop({ runId: stage.runId });
    const left = "SELECT 1 AS one FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'temporal_migrate'";
    expect(await query(source.url(), left)).toEqual([]);
  }, 180_000);
});

/** What a process says: its first line once there is one, and the last one. */
function lastOf(child: ChildProcess): { first: Promise<unknown>; last: () => string } {
  let said = '';
  child.stdout?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const first = Promise.race([once(child.stdout!, 'data'), once(child, 'exit')]);
  return { first, last: () => said.trimEnd().split('\n').at(-1) ?? '' };
}
