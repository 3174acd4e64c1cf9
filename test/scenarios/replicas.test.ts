import { readEnvironment, type WorkerEnvironment } from '../../activities/environment';
import { watchLoad } from '../../activities/loadWatch';
import { findInReplicas } from '../../activities/preflight/replicas';
import { startMariadb, startMysql, type DatabaseServer } from '../../scripts/servers';
import { execute } from '../helpers/databases';
import { until } from '../helpers/faultsUntil';
import { Replica, REPLICATED } from '../helpers/replica';
import { sharedServers } from '../helpers/servers';
import { connect, FLAVOURS, openSource, settingsOf } from './mysqlSource/stage';

const run = { runId: 'replicas', workflowId: 'replicas', source: 'shop', target: 'pg' };

function environmentOf(urls: Readonly<Record<string, string>>): WorkerEnvironment {
  return readEnvironment({}, urls);
}

describe.each(FLAVOURS)('a replica of a %s', (flavour) => {
  let source: DatabaseServer;
  let replica: Replica;
  let environment: WorkerEnvironment;
  beforeAll(async () => {
    source = await (flavour === 'mysql' ? startMysql() : startMariadb());
    await execute(source.url(), `CREATE DATABASE shop; USE shop; ${REPLICATED}`);
    replica = await Replica.of(source, flavour);
    environment = environmentOf({
      shop: source.url('shop'),
      replica: replica.server.url('shop'),
      reader: replica.server.url('shop', 'reader', 'reader'),
      gone: source.url('shop').replace(/:\d+\//, ':1/'),
    });
  });
  afterAll(async () => {
    await replica[Symbol.asyncDispose]();
    await source.remove();
  });

  const held = async (): Promise<string | null> => {
    await using watch = await watchLoad(environment, run, { replicas: ['replica'], lanes: null });
    return watch.heldBack;
  };

  test('holds the copy back while it is behind, stopped or gone, and not a moment longer', async () => {
    await until('it follows', async () => (await held()) === null);
    await using first = await watchLoad(environment, run, { replicas: ['replica'], lanes: null });
    await using second = await watchLoad(environment, run, { replicas: ['replica'], lanes: null });
    await replica.fallBehind(100);
    await until('it is behind', () => /^replica "replica" is 1\d\d s behind/.test(first.heldBack ?? ''));
    expect(second.heldBack).toBe(first.heldBack);
    await replica.catchUp();
    await until('it has caught up', () => first.heldBack === null);
    await replica.stop();
    await until('it is stopped', () => /does not follow the source: .*runs: No/.test(first.heldBack ?? ''));
    await replica.start();
    await until('it follows again', () => first.heldBack === null);
    await replica.server.kill();
    await until('it is gone', () => /does not follow the source: .*"replica"/.test(first.heldBack ?? ''));
    await replica.server.start();
    await replica.start();
    await until('it is back', () => first.heldBack === null);
  });

  test('is told by preflight where its lag tells nothing', async () => {
    await using shop = await openSource(settingsOf(source.url('shop'), 'shop'));
    await using other = await openSource(settingsOf(replica.server.url('shop'), 'other'));
    const told = async (name: string, from = shop): Promise<string[]> =>
      (await findInReplicas(environment, from, [name])).map(
        ({ code, severity, source: found }) => `${severity} ${code} ${found}`,
      );
    await until('it follows', async () => (await told('replica')).length === 0);
    expect(await told('replica', other)).toEqual(['warning REPLICA_UNFIT it reads another server than the source']);
    expect(await told('shop')).toEqual(['blocking REPLICA_UNFIT it is no replica']);
    expect(await told('gone')).toEqual(['blocking LOGIN_FAILED CONNECTION_FAILED']);
    expect(await told('reader')).toEqual([expect.stringMatching(/^blocking GRANT_MISSING /)]);
    await replica.stop();
    expect(await told('replica')).toEqual([expect.stringMatching(/^blocking REPLICA_UNFIT it does not follow: /)]);
    await replica.start();
  });
});

test('a source with more statements at work than it should have holds the copy back', async () => {
  const { mysqlUrl } = sharedServers();
  const environment = environmentOf({ shop: `${mysqlUrl}mysql` });
  await using watch = await watchLoad(environment, run, { replicas: [], lanes: 4 });
  expect(watch.heldBack).toBeNull();
  const users = await Promise.all(Array.from({ length: 40 }, () => connect(mysqlUrl)));
  for (const user of users) user.query('DO SLEEP(60)').catch(() => undefined);
  await until('it is busy', () => /^the source has \d\d statements at work/.test(watch.heldBack ?? ''));
  await execute(mysqlUrl, users.map(({ threadId }) => `KILL ${threadId}`).join('; '));
  await until('it is calm', () => watch.heldBack === null);
});
