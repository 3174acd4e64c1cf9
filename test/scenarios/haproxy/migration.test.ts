import { join } from 'node:path';
import { checkHaproxy } from '../../../activities/switchHaproxy';
import { query } from '../../helpers/databases';
import { Proxied, Users } from '../../helpers/deployments';
import { MigrationStage } from '../../helpers/migrationStage';
import { Replica, REPLICATED } from '../../helpers/replica';

test('a migration waits for a replica, and switches users by HAProxy there and back, though its worker is killed', async () => {
  await using stage = await MigrationStage.open({ load: REPLICATED });
  await using replica = await Replica.of(stage.source, 'mysql');
  await using proxied = await Proxied.open();
  const { socket } = proxied.haproxy;
  const step = { kind: 'haproxy', socket, backend: 'app', source: 'old', target: 'new' } as const;
  const environment = {
    MIGRATION_HAPROXY_SOCKETS: socket,
    MIGRATION_CONNECTION_SHOP_REPLICA: replica.server.url('shop'),
  };
  const dying = { MIGRATION_FAULT_POINT: `switch.applied=${join(stage.folder, 'died')}` };
  const first = await stage.startWorker({ ...environment, ...dying });
  const migration = await stage.start({
    trial: { percent: 0 },
    copy: { replicas: ['shop_replica'] },
    cutover: { switch: [step] },
  });
  await migration.until(({ waitingFor }) => waitingFor === 'approval');
  await replica.fallBehind(100);
  await migration.approve();
  const held = await migration.until(({ heldBack }) => heldBack !== null);
  expect(held).toMatchObject({ phase: 'copy', rowsCopied: 0, etaSeconds: null, rowsPerSecond: 0 });
  expect(held.heldBack).toMatch(/^replica "shop_replica" is \d+ s behind the source/);

  await using users = new Users(proxied, 2);
  await users.goOn();
  await replica.catchUp();
  await first.ended;
  await stage.startWorker(environment);
  const live = await migration.until(({ waitingFor }) => waitingFor === 'acceptance');
  expect(live).toMatchObject({ heldBack: null, rowsCopied: 4 });
  await checkHaproxy(step, 'target', new AbortController().signal);

  await migration.signal('requestRollback', { by: 'ann', reason: 'to see the way back' });
  expect((await migration.result()).outcome).toBe('rolledBack');
  await checkHaproxy(step, 'source', new AbortController().signal);
  await users.goOn();
  expect(users.seen()).toEqual(['new', 'old']);
  const undo = `echo 'set server app/old state ready; set server app/new state maint' | socat stdio 'UNIX-CONNECT:${socket}'`;
  expect(
    await query(stage.targetUrl, `SELECT name, undo FROM temporal_migrate.rollback_log WHERE kind = 'haproxy'`),
  ).toEqual([{ name: 'app: old to new', undo }]);
});
