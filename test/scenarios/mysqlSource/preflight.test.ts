import { randomBytes } from 'node:crypto';
import type { Finding } from '../../../domain/finding';
import type { Source } from '../../../engines/engine';
import { openSession } from '../../../engines/mysql/connection';
import { grantFindings } from '../../../engines/mysql/grants';
import { startMariadb, startMysql } from '../../../scripts/servers';
import { execute } from '../../helpers/databases';
import { follow } from '../binlog/following';
import { ALL, connect, FLAVOURS, NEVER, openSource, planned, settingsOf, SourceStage, type Flavour } from './stage';

/** The rights in the database and on the server that leave nothing to be found. */
const RIGHTS: Readonly<Record<Flavour, { database: string; server: readonly string[] }>> = {
  mysql: {
    database: 'SELECT, SHOW VIEW, TRIGGER, EVENT',
    server: ['PROCESS', 'SYSTEM_VARIABLES_ADMIN', 'REPLICATION CLIENT', 'XA_RECOVER_ADMIN', 'SHOW_ROUTINE'],
  },
  mariadb: { database: 'SELECT, SHOW VIEW, TRIGGER, EVENT', server: ['PROCESS', 'READ_ONLY ADMIN', 'SLAVE MONITOR'] },
};

/** What following the log needs beside them. */
const STREAM_RIGHTS: Readonly<Record<Flavour, readonly string[]>> = {
  mysql: ['REPLICATION SLAVE ON *.*', 'BACKUP_ADMIN ON *.*', 'SELECT ON `performance_schema`.`log_status`'],
  mariadb: ['REPLICATION SLAVE ON *.*', 'BINLOG MONITOR ON *.*'],
};

describe.each(FLAVOURS)('preflight of %s', (flavour) => {
  const { database, server } = RIGHTS[flavour];
  const user = `user_${randomBytes(4).toString('hex')}`;
  let stage: SourceStage;
  // MariaDB lets everybody into databases whose name begins with `test_`.
  const name = `shop_${randomBytes(4).toString('hex')}`;
  beforeAll(async () => {
    stage = await SourceStage.open(flavour, `CREATE DATABASE ${name}`);
    await stage.run(
      `USE ${name}; CREATE TABLE t (id INT PRIMARY KEY, n INT); INSERT INTO t VALUES (1, 1); CREATE TABLE other (id INT);
       CREATE USER ${user}@'%' IDENTIFIED BY 'x', ${user}_role@'%' IDENTIFIED BY 'x'; CREATE ROLE ${user}_r`,
    );
  });
  afterAll(async () => {
    await stage.run(`DROP USER ${user}@'%', ${user}_role@'%'; DROP ROLE ${user}_r; DROP DATABASE ${name}`);
    await stage[Symbol.asyncDispose]();
  });

  function open(as: string): Promise<Source> {
    const url = new URL(stage.url);
    url.pathname = `/${name}`;
    url.username = as;
    url.password = 'x';
    return openSource(settingsOf(url.href));
  }

  async function findings(as = user, live = false): Promise<Finding[]> {
    await using source = await open(as);
    // Who can write through a freeze, and what is prepared, may be other tests' on the shared server.
    const others = ['FREEZE_LEAKS', 'PREPARED_TRANSACTION'];
    return (await source.preflight('readOnly', live)).filter(({ code }) => !others.includes(code));
  }

  const missing = (all: Finding[]): string[] =>
    all
      .filter(({ code }) => code === 'GRANT_MISSING')
      .map(({ severity, reason }) => `${severity}: ${reason.split(': GRANT ')[1]}`);

  test('finds each right that is missing, with the statement that grants it, until none is', async () => {
    // The least with which the server lets a user into the database.
    await stage.run(`GRANT CREATE TEMPORARY TABLES ON \`${name}\`.* TO ${user}@'%'`);
    const to = `TO \`${user}\`@\`%\``;
    const wanted = [
      `blocking: SELECT ON \`${name}\`.* ${to}`,
      ...['SHOW VIEW', 'TRIGGER', 'EVENT'].map((right) => `warning: ${right} ON \`${name}\`.* ${to}`),
      ...server.map((right) => `${right === 'SHOW_ROUTINE' ? 'warning' : 'blocking'}: ${right} ON *.* ${to}`),
    ];
    expect(missing(await findings()).sort()).toEqual([...wanted].sort());
    for (const grant of wanted) await stage.run(`GRANT ${grant.replace(/^\w+: /, '')}`);
    expect(await findings()).toEqual([]);
  });

  test('finds the rights that following its log needs beside, with which it can be followed', async () => {
    const follower = `${user}_f`;
    await stage.run(`CREATE USER ${follower}@'%' IDENTIFIED BY 'x'; GRANT ${database} ON \`${name}\`.* TO ${follower}@'%';
      GRANT ${server.join(', ')} ON *.* TO ${follower}@'%'`);
    const to = `TO \`${follower}\`@\`%\``;
    const wanted = [
      ...STREAM_RIGHTS[flavour].map((right) => `blocking: ${right} ${to}`),
      // One of the tables has no key.
      ...(flavour === 'mysql' ? [`warning: LOCK TABLES ON \`${name}\`.* ${to}`] : []),
    ];
    expect(await findings(follower)).toEqual([]);
    expect(missing(await findings(follower, true)).sort()).toEqual([...wanted].sort());
    for (const grant of wanted) await stage.run(`GRANT ${grant.replace(/^\w+: /, '')}`);
    expect(await findings(follower, true)).toEqual([]);
    await using source = await open(follower);
    const from = await source.changes!.start(20_000);
    const { tables } = await source.introspect();
    const plans = tables.filter((table) => table.name === 't').map((table) => planned(table));
    await stage.run(`INSERT INTO ${name}.t VALUES (7, 7)`);
    const { changes } = await follow(source.changes!, plans, from, await source.position());
    const other = planned(tables.find((table) => table.name === 'other')!);
    const sink = { row: () => undefined, pressure: () => null };
    const placed = await source.copyAtPosition!({ table: other, range: ALL, signal: NEVER }, sink);
    expect(source.changes!.contains(await source.position(), placed.position)).toBe(true);
    expect(changes.map(({ after }) => after)).toEqual([['7', '7']]);
    await stage.run(`DROP USER ${follower}@'%'`);
  });

  test('proposes no grant that a managed service gives to nobody, but the way without it', async () => {
    const poor = `${user}_p`;
    await stage.run(`CREATE USER ${poor}@'%' IDENTIFIED BY 'x'; GRANT SELECT ON \`${name}\`.* TO ${poor}@'%'`);
    const url = new URL(stage.url);
    [url.pathname, url.username, url.password] = [`/${name}`, poor, 'x'];
    await using session = await openSession(settingsOf(url.href));
    const found = await grantFindings(session, 'readOnly', false, 'Amazon RDS');
    const freeze = found.filter(({ reason }) => reason.includes('makes the server read-only'));
    expect(freeze).toMatchObject([
      { severity: 'blocking', reason: expect.stringContaining('"freeze":"accounts"') as unknown },
    ]);
    expect(freeze[0]?.reason).not.toContain('GRANT');
    expect(missing(found)).toContainEqual(expect.stringContaining('PROCESS ON *.*'));
    await stage.run(`DROP USER ${poor}@'%'`);
  });

  test('takes rights that a role gives', async () => {
    await stage.run(`GRANT ${database} ON \`${name}\`.* TO ${user}_r; GRANT ${server.join(', ')} ON *.* TO ${user}_r; GRANT ${user}_r TO ${user}_role@'%';
      ${flavour === 'mysql' ? `SET DEFAULT ROLE ALL TO ${user}_role@'%'` : `SET DEFAULT ROLE ${user}_r FOR ${user}_role@'%'`}`);
    expect(await findings(`${user}_role`)).toEqual([]);
  });

  test('warns where some tables may not be read or seen', async () => {
    const narrow = `${user}_n`;
    await stage.run(`CREATE USER ${narrow}@'%' IDENTIFIED BY 'x'; GRANT SELECT ON ${name}.t TO ${narrow}@'%'`);
    const [first] = await findings(narrow);
    expect(first).toMatchObject({
      code: 'GRANT_MISSING',
      severity: 'warning',
      reason: expect.stringMatching(/cannot be seen/) as unknown,
    });
    await stage.run(`GRANT INSERT ON ${name}.other TO ${narrow}@'%'`);
    expect((await findings(narrow))[0]).toMatchObject({
      severity: 'blocking',
      reason: expect.stringMatching(/cannot be read: other/) as unknown,
    });
    await stage.run(`DROP USER ${narrow}@'%'`);
  });

  test('finds what will hold up the freeze, and an unencrypted line', async () => {
    const holder = await connect(stage.url);
    try {
      await holder.query(
        `XA START 'left over'; UPDATE ${name}.t SET n = 2; XA END 'left over'; XA PREPARE 'left over'`,
      );
      // Others on the shared server may have prepared ones too, for a moment.
      for (const [live, severity] of [
        [false, 'warning'],
        [true, 'blocking'],
      ] as const) {
        expect(await stage.source.preflight('readOnly', live)).toContainEqual(
          expect.objectContaining({
            code: 'PREPARED_TRANSACTION',
            severity,
            source: expect.stringMatching(/6c656674206f766572|left over/i) as unknown,
          }),
        );
      }
    } finally {
      await holder.query("XA ROLLBACK 'left over'");
      await holder.end();
    }
  });
});

/** What no log can be followed with, as a server has it from its start on; MariaDB has no parts of JSON values. */
const UNFIT = {
  'binlog-do-db': 'elsewhere',
  'binlog-format': 'MIXED',
  'binlog-row-image': 'MINIMAL',
  'binlog-expire-logs-seconds': '3600',
};

test.each([
  ['mysql', startMysql, { 'binlog-row-value-options': 'PARTIAL_JSON' }, 'SET GLOBAL server_id = 0'],
  ['mariadb', startMariadb, {}, 'DO 0'],
] as const)('each setting of %s that keeps its log from being followed blocks, with the way out', async (...given) => {
  const [flavour, start, more, afterwards] = given;
  const server = await start({ settings: { ...UNFIT, ...more } });
  try {
    await execute(server.url(), `CREATE DATABASE followed; ${afterwards}`);
    await using source = await openSource(settingsOf(server.url('followed')));
    const settings = async (live: boolean): Promise<string[]> =>
      (await source.preflight('readOnly', live))
        .filter(({ code }) => code === 'SETTING_UNSUITABLE')
        .map(({ severity, source: found }) => `${severity} ${found}`);
    const isMysql = flavour === 'mysql';
    expect((await settings(true)).filter((line) => !line.includes('max_allowed_packet')).sort()).toEqual([
      'blocking binlog_do_db = elsewhere',
      'blocking binlog_format = MIXED',
      'blocking binlog_row_image = MINIMAL',
      ...(isMysql ? ['blocking binlog_row_value_options = PARTIAL_JSON', 'blocking server_id = 0'] : []),
      'warning binary logs kept for 3600 s',
    ]);
    expect(await settings(false)).not.toContainEqual(expect.stringContaining('blocking'));
  } finally {
    await server.remove();
  }
});

describe('what preflight names on MariaDB', () => {
  test('is who can write through its read_only', async () => {
    await using stage = await SourceStage.open('mariadb', '');
    expect(await stage.source.preflight()).toContainEqual(
      expect.objectContaining({
        code: 'FREEZE_LEAKS',
        severity: 'warning',
        source: expect.stringContaining("'admin'@") as unknown,
      }),
    );
  });
});
