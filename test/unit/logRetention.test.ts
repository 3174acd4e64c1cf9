import { judgeLog } from '../../domain/logRetention';
import { keptSeconds } from '../../engines/mysql/retention';

const held = { isThere: true, behindBytes: 10, retentionSeconds: 1_000, leftSeconds: 1_000 };

test.each([
  [1_000, 0, 'ok'],
  [250, 0, 'ok'],
  [249, 0, 'warning'],
  [400, 100, 'ok'],
  [399, 100, 'warning'],
  [400, null, 'ok'],
  [0, 0, 'warning'],
] as const)('a log of which %s of 1000 s are left is, %s s behind, %s', (leftSeconds, lag, level) => {
  expect(judgeLog({ ...held, leftSeconds }, lag).level).toBe(level);
});

test('a log that is kept for ever gives no alarm, and one that is gone says what to do', () => {
  expect(judgeLog({ ...held, retentionSeconds: null, leftSeconds: null }, 1e9)).toEqual({ level: 'ok', reason: '' });
  const lost = judgeLog({ ...held, isThere: false }, 0);
  expect([lost.level, lost.reason]).toEqual(['lost', expect.stringContaining('copied anew')]);
  expect(judgeLog({ ...held, leftSeconds: 90 }, 30).reason).toMatch(
    /in 1 min 30 s .* for 16 min 40 s; .* 30\.0 s behind/,
  );
});

test.each([
  [{}, null],
  [{ binlog_expire_logs_seconds: '0', expire_logs_days: '0.000000' }, null],
  [{ binlog_expire_logs_seconds: '600', expire_logs_days: '0' }, 600],
  [{ binlog_expire_logs_seconds: '0', expire_logs_days: '2' }, 172_800],
  [{ binlog_expire_logs_seconds: '600', binlog_expire_logs_auto_purge: 'OFF' }, null],
])('settings %j keep a log for %s s', (settings, seconds) => {
  expect(keptSeconds(settings)).toBe(seconds);
});
