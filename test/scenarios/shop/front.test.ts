import { startHaproxy, startMysql } from '../../../scripts/servers';
import { Deployment, shopConfiguration } from '../../../scripts/shop/deployment';
import { loadShop } from '../../../scripts/shop/load';
import { createSourceUser } from '../../../scripts/shop/users';
import { Visitors } from '../../../scripts/shop/visitors';
import { compiledEntry } from '../../helpers/compiled';
import { execute, query } from '../../helpers/databases';
import { until } from '../../helpers/faultsUntil';
import { sharedServers } from '../../helpers/servers';

test('visitors of the shop are put off while its database is frozen, see no error, and every order is there once', async () => {
  const [server] = await Promise.all([startMysql(), compiledEntry('scripts/shop/front')]);
  await loadShop(server.url('shop'), { rows: 5_000 });
  const url = await createSourceUser(server.url('shop'), 'app', 'p@ss/word%');
  // The other one needs no database before it is used.
  const [source, target] = await Promise.all([Deployment.start(url), Deployment.start(sharedServers().postgresUrl)]);
  const haproxy = await startHaproxy(shopConfiguration(source, target));
  const visitors = new Visitors(`http://127.0.0.1:${haproxy.port}`);
  const seen = (): ReturnType<Visitors['statistics']> => visitors.statistics();
  try {
    await until('orders are placed', () => seen().orders > 10);
    await execute(server.url(), 'SET GLOBAL super_read_only = ON');
    await until('orders are put off', () => seen().putOff > 10);
    const frozen = seen();
    await until('orders are still found', () => seen().looks > frozen.looks + 10);
    expect(seen().orders).toBe(frozen.orders);
    await execute(server.url(), 'SET GLOBAL super_read_only = OFF, GLOBAL read_only = OFF');
    await until('orders are placed again', () => seen().orders > frozen.orders + 10);
    const { orders, errors } = await visitors.stop();
    expect(errors).toEqual([]);
    const [found] = await query(server.url('shop'), "SELECT COUNT(*) AS n FROM orders WHERE reference LIKE 'V%'");
    expect(found).toEqual({ n: orders });
  } finally {
    await visitors.stop();
    await haproxy.remove();
    await Promise.all([source.stop(), target.stop()]);
    await server.remove();
  }
});
