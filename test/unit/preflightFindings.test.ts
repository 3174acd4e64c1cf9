import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findInMachine } from '../../activities/preflight/machine';
import { freeBytes } from '../../activities/preflight/space';
import { MigrationError } from '../../domain/errors';
import { networkReason } from '../../domain/networkReason';
import { makeChecks } from '../../domain/preflight/checks';
import { clockFindings, timeZoneFindings } from '../../domain/preflight/clocks';
import { machineFindings } from '../../domain/preflight/machine';
import { median, networkFindings } from '../../domain/preflight/network';
import { spaceFindings } from '../../domain/preflight/space';
import { transactionFindings } from '../../domain/preflight/transactions';
import { managedFindings, readService } from '../../engines/mysql/preflight/managed';
import { findInSettings as findInMysqlSettings } from '../../engines/mysql/preflight/settings';
import { serviceOfRoles } from '../../engines/postgres/preflight/managed';
import { findInSettings as findInPostgresSettings } from '../../engines/postgres/preflight/settings';

describe('checks', () => {
  const finding = {
    code: 'WORKER_BUSY',
    severity: 'warning',
    object: 'o',
    source: '',
    target: '',
    reason: 'r',
  } as const;

  test('one that cannot be made hides no other, is a finding, and quotes no error without a code', async () => {
    const secret = new TypeError('pa55word');
    const found = await makeChecks('shop', [
      { what: 'the first', find: () => Promise.reject(new MigrationError('SERVER_BUSY', 'no room')) },
      { what: 'the second', find: () => Promise.resolve([finding]) },
      { what: 'the third', find: () => Promise.reject(secret) },
    ]);
    expect(found.map(({ code, severity, source }) => [code, severity, source])).toEqual([
      ['CHECK_FAILED', 'warning', 'SERVER_BUSY: no room'],
      ['WORKER_BUSY', 'warning', ''],
      ['CHECK_FAILED', 'warning', 'TypeError'],
    ]);
    expect(found[0]?.reason).toContain('cannot look at the first');
  });

  test('are all made again when the connection breaks', async () => {
    const lost = new MigrationError('CONNECTION_LOST', 'gone');
    await expect(makeChecks('shop', [{ what: 'it', find: () => Promise.reject(lost) }])).rejects.toBe(lost);
  });
});

test.each([
  [99, 1, [/99 Mbit\/s, where 100/]],
  [100, 50, []],
  [3.21, 51, [/3\.2 Mbit\/s.*; 51 ms for a round trip/]],
])('a network of %s Mbit/s and %s ms is told by what is measured', (megabitsPerSecond, roundTripMs, expected) => {
  const found = networkFindings('shop', { megabitsPerSecond, roundTripMs });
  expect(found.map(({ source }) => source)).toEqual(expected.map((text) => expect.stringMatching(text) as unknown));
});

test('a median is no average', () => {
  expect(median([900, 1, 2])).toBe(2);
});

describe('clocks', () => {
  const at = (serverMs: number, tookMs = 0) => ({ serverMs, askedMs: 10_000, answeredMs: 10_000 + tookMs });
  const found = (source: number, target: number, tookMs = 0) =>
    clockFindings({ name: 'shop', reading: at(source, tookMs) }, { name: 'pg', reading: at(target, tookMs) }).map(
      ({ object }) => object,
    );

  test('that go together to a second are no finding, and what the way there took is no difference', () => {
    expect(found(10_900, 10_000)).toEqual([]);
    expect(found(10_900, 9_500)).toEqual(['pg']);
    expect(found(10_900, 9_500, 1_000)).toEqual([]);
  });

  test("of the servers against the worker's are told once", () => {
    expect(found(15_000, 15_100)).toEqual(['worker']);
    expect(found(15_000, 10_000)).toEqual(['pg']);
  });
});

test('time zones that give another local time are a warning that names both', () => {
  const zone = (name: string, minutes: number) => ({ name, minutes });
  expect(timeZoneFindings(zone('a', 120), zone('b', 120))).toEqual([]);
  expect(timeZoneFindings(zone('a', 330), zone('b', -90))).toMatchObject([
    { code: 'SETTING_UNSUITABLE', severity: 'warning', source: 'time zone UTC+05:30 on a, UTC-01:30 on b' },
  ]);
});

describe('free space', () => {
  const severity = (measuredBytes: number | null, saidBytes: number | null) =>
    spaceFindings({ name: 'pg', dataBytes: 1_000, measuredBytes, saidBytes }).map((finding) => finding.severity);

  test('is enough at 2.5 times the data, and blocks below the data itself', () => {
    expect(severity(2_500, null)).toEqual([]);
    expect(severity(2_499, null)).toEqual(['warning']);
    expect(severity(999, null)).toEqual(['blocking']);
  });

  test('that nobody knows is an open question, never a pass; of two answers the smaller counts', () => {
    expect(severity(null, null)).toEqual(['question']);
    expect(severity(null, 2_500)).toEqual([]);
    expect(severity(9_999, 1_500)).toEqual(['warning']);
    expect(severity(500, 9_999)).toEqual(['blocking']);
  });

  test('is measured in no folder but the one the server means', async () => {
    const path = tmpdir();
    const modifiedSeconds = Math.floor((await stat(path)).mtimeMs / 1_000);
    expect(await freeBytes(null)).toBeNull();
    expect(await freeBytes({ path: '/no/such/folder', modifiedSeconds })).toBeNull();
    expect(await freeBytes({ path, modifiedSeconds: modifiedSeconds - 5 })).toBeNull();
    expect(await freeBytes({ path, modifiedSeconds })).toBeGreaterThan(0);
  });
});

test('a machine is told of once, with all that is short', () => {
  expect(machineFindings({ processor: 85, memory: 85, disk: 90 })).toEqual([]);
  expect(machineFindings({ processor: 86, memory: 10, disk: 91 })).toMatchObject([
    { code: 'WORKER_BUSY', source: 'processor 86 % used (limit 85 %), disk 91 % used (limit 90 %)' },
  ]);
});

test('this machine can be looked at, though its report folder is not there yet', async () => {
  const found = await findInMachine(join(tmpdir(), 'not', 'there', 'yet'));
  expect(found.length).toBeLessThanOrEqual(1);
});

test('long transactions are one finding, the oldest first, however many there are', () => {
  const open = Array.from({ length: 7 }, (_, index) => ({
    session: `connection ${index}`,
    user: 'app',
    since: '2026-01-01T00:00:00Z',
    seconds: index,
    idle: index === 6,
  }));
  const [found, ...others] = transactionFindings('shop', open, 'end them');
  expect(others).toEqual([]);
  expect(found?.source).toMatch(/^connection 6 \(user app\) .* for 6 s, and is idle in it; .*; and 2 more$/);
});

describe('settings', () => {
  const fit = { sql_mode: 'STRICT_TRANS_TABLES', max_allowed_packet: '67108864', log_bin: 'ON', binlog_format: 'ROW' };

  test('that are fit are no finding', () => {
    expect(findInMysqlSettings('shop', fit)).toEqual([]);
    expect(findInMysqlSettings('shop', { ...fit, binlog_row_image: 'FULL', binlog_expire_logs_seconds: '0' })).toEqual(
      [],
    );
    expect(findInPostgresSettings('pg', { walLevel: 'logical', fsync: 'on', fullPageWrites: 'on' })).toEqual([]);
  });

  test.each([
    [{ sql_mode: '' }, 'info', /not strict/],
    [{ max_allowed_packet: '1048576' }, 'warning', /max_allowed_packet = 1048576/],
    [{ log_bin: 'OFF', binlog_format: 'MIXED' }, 'info', /^log_bin = OFF$/],
    [
      { binlog_format: 'MIXED', binlog_row_image: 'MINIMAL', binlog_expire_logs_seconds: '3600' },
      'info',
      /^binlog_format = MIXED, binlog_row_image = MINIMAL, binary logs kept for 3600 s$/,
    ],
  ])('of a source: %j is one finding', (changed, severity, source) => {
    expect(findInMysqlSettings('shop', { ...fit, ...changed })).toMatchObject([
      { severity, source: expect.stringMatching(source) as unknown },
    ]);
  });

  test.each([
    [{ log_bin: 'OFF' }, 'blocking', /^log_bin = OFF$/],
    [{ binlog_format: 'STATEMENT' }, 'blocking', /^binlog_format = STATEMENT$/],
    [{ binlog_row_image: 'FULL_NODUP' }, 'blocking', /^binlog_row_image = FULL_NODUP$/],
    [{ binlog_row_value_options: 'PARTIAL_JSON' }, 'blocking', /^binlog_row_value_options = PARTIAL_JSON$/],
    [{ server_id: '0' }, 'blocking', /^server_id = 0$/],
    [{ binlog_alter_two_phase: 'ON' }, 'blocking', /^binlog_alter_two_phase = ON$/],
    [{ binlog_expire_logs_seconds: '86399' }, 'warning', /^binary logs kept for 86399 s$/],
    [{ binlog_expire_logs_seconds: '0', expire_logs_days: '0.5' }, 'warning', /^binary logs kept for 43200 s$/],
  ])('of a source whose log is to be followed: %j is one finding of its own', (changed, severity, source) => {
    expect(findInMysqlSettings('shop', { ...fit, ...changed }, true)).toMatchObject([
      { severity, source: expect.stringMatching(source) as unknown },
    ]);
  });

  test('of a source whose log can be followed are no finding', () => {
    const kept = { binlog_row_value_options: '', server_id: '7', binlog_expire_logs_seconds: '86400' };
    expect(findInMysqlSettings('shop', { ...fit, ...kept, binlog_row_image: 'FULL' }, true)).toEqual([]);
  });

  test('of a target', () => {
    const found = findInPostgresSettings('pg', { walLevel: 'replica', fsync: 'off', fullPageWrites: 'off' });
    expect(found.map(({ severity, source }) => [severity, source])).toEqual([
      ['warning', 'fsync = off, full_page_writes = off'],
      ['info', 'wal_level = replica'],
    ]);
  });
});

test.each([
  [
    { version: '8.0.36', comment: 'Source distribution', basedir: '/rdsdbbin/mysql-8.0.36/', auroraVersion: '' },
    'Amazon RDS',
  ],
  [
    { version: '8.0.32', comment: 'Source distribution', basedir: '/rdsdbbin/oscar/', auroraVersion: '3.06.0' },
    'Amazon Aurora',
  ],
  [{ version: '8.0.31-google', comment: '(Google)', basedir: '/usr/', auroraVersion: '' }, 'Google Cloud SQL'],
  [{ version: '8.0.37-azure', comment: 'Source distribution', basedir: '/app/', auroraVersion: '' }, 'Azure Database'],
  [{ version: '9.7.0', comment: 'MySQL Community Server - GPL', basedir: '/usr/', auroraVersion: '' }, null],
])('a managed MySQL tells its service by its own words: %j', (words, service) => {
  expect(readService(words)).toBe(service);
});

test('a service that throws its log away by itself is told how long to keep it, where the log is followed', () => {
  const codes = (live: boolean) =>
    managedFindings('shop', 'Amazon RDS', live).map(({ code, severity }) => `${severity} ${code}`);
  expect(codes(false)).toEqual(['info MANAGED_SERVICE']);
  expect(codes(true)).toEqual(['info MANAGED_SERVICE', 'warning SETTING_UNSUITABLE']);
  expect(managedFindings('shop', null, true)).toEqual([]);
});

test('a managed PostgreSQL tells its service by the role it makes', () => {
  expect(serviceOfRoles([])).toBeNull();
  expect(serviceOfRoles(['rds_superuser'])?.administrators).toBe('rds_superuser');
  // AlloyDB has the role of Cloud SQL, too.
  expect(serviceOfRoles(['cloudsqlsuperuser', 'alloydbsuperuser'])?.name).toBe('Google AlloyDB');
});

test('a server that cannot be reached tells name resolution, TCP and routing apart', () => {
  expect(networkReason('ENOTFOUND')).toMatch(/host name is not known.*\(ENOTFOUND\)/);
  expect(networkReason('ECONNREFUSED')).toMatch(/nothing listens/);
  expect(networkReason('ETIMEDOUT')).toMatch(/no answer to a TCP connection/);
  expect(networkReason('EHOSTUNREACH')).toMatch(/no route/);
  expect(networkReason('toString')).toBeNull();
});
