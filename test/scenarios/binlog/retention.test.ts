import { judgeLog } from '../../../domain/logRetention';
import type { Position } from '../../../domain/position';
import { startMariadb, startMysql } from '../../../scripts/servers';
import { execute, query } from '../../helpers/databases';
import { openSource, planned, settingsOf, until } from '../mysqlSource/stage';
import { follow } from './following';

const HOUR = 3_600;
const MEGABYTE = 1 << 20;

describe.each([
  ['mysql', startMysql, {}],
  ['mysql without GTIDs', startMysql, { 'gtid-mode': 'OFF', 'enforce-gtid-consistency': 'OFF' }],
  ['mariadb', startMariadb, {}],
] as const)('what %s still has of its log behind a position', (_, start, settings) => {
  test('is told in bytes and seconds, and that it is gone', async () => {
    const server = await start({ settings });
    try {
      await execute(server.url(), `CREATE DATABASE d; USE d; CREATE TABLE t (id INT PRIMARY KEY, v LONGTEXT)`);
      const url = server.url('d');
      const write = (sql: string): Promise<void> => execute(url, sql);
      await write(`SET GLOBAL binlog_expire_logs_seconds = ${HOUR}`);
      await using source = await openSource(settingsOf(url));
      const held = async (position: Position) => await source.changes!.held!(position);

      const first = await source.position();
      expect(await held(first)).toEqual({ isThere: true, behindBytes: 0, retentionSeconds: HOUR, leftSeconds: HOUR });
      await write(`INSERT INTO t VALUES (1, REPEAT('x', ${MEGABYTE}))`);
      const second = await source.position();
      await write(`INSERT INTO t VALUES (2, REPEAT('y', ${MEGABYTE}))`);
      const behind = await held(first);
      expect(behind.behindBytes).toBeGreaterThan(2 * MEGABYTE);
      expect(behind.behindBytes).toBeLessThan(3 * MEGABYTE);
      // A file's time begins when it is finished.
      expect(behind.leftSeconds).toBe(HOUR);
      await write('FLUSH BINARY LOGS');
      const finished = await held(first);
      expect(finished.leftSeconds).toBeGreaterThan(HOUR - 60);
      expect(finished.leftSeconds).toBeLessThanOrEqual(HOUR);
      expect(judgeLog(finished, 60).level).toBe('ok');
      expect(judgeLog(finished, HOUR / 3).level).toBe('warning');

      // Whoever has followed the log knows the place of a position more closely than the server tells.
      const { tables } = await source.introspect();
      await follow(
        source.changes!,
        tables.map((table) => planned(table)),
        first,
        second,
      );
      expect((await held(second)).behindBytes).toBeLessThan(1.5 * MEGABYTE);

      await write('SET GLOBAL binlog_expire_logs_seconds = 0');
      expect(await held(first)).toMatchObject({ isThere: true, retentionSeconds: null, leftSeconds: null });
      const last = await source.position();
      await until(async () => {
        await write('PURGE BINARY LOGS BEFORE NOW() + INTERVAL 1 DAY');
        return (await query(url, 'SHOW BINARY LOGS')).length === 1;
      });
      expect(judgeLog(await held(first), 0).level).toBe('lost');
      expect((await held(last)).isThere).toBe(true);
      expect((await held({ ...last, server: 'another one' })).isThere).toBe(false);
    } finally {
      await server.remove();
    }
  });
});
