import { randomBytes } from 'node:crypto';
import { Client } from 'pg';
import { fingerprintOf } from '../../../activities/fingerprint';
import { mappingSchema, tablesFilterSchema } from '../../../domain/mapping';
import { rangesBetween } from '../../../domain/keys';
import type { TableFacts } from '../../../domain/catalog';
import type { TablePlan } from '../../../domain/plan';
import type { SchemaChange } from '../../../engines/engine';
import { applyChanges, type StreamEnd } from '../../../pipeline/applyChanges';
import { copyChunk } from '../../../pipeline/copyChunk';
import { followSchemaChange } from '../../../pipeline/followSchemaChange';
import { proposeSchemaChange } from '../../../pipeline/proposeSchemaChange';
import { PaceLimiter } from '../../../pipeline/pace';
import { verifyTable } from '../../../pipeline/verifyTable';
import { query } from '../../helpers/databases';
import { connect, until } from '../mysqlSource/stage';
import { codeOf } from '../binlog/following';
import { FLAVOURS, NEVER, VerificationPair } from '../verification/pair';

const STREAM = 'forward';
const TABLE = `CREATE TABLE t (id INT PRIMARY KEY, label VARCHAR(10) NOT NULL DEFAULT '', amount DECIMAL(6,2), n INT,
    kind ENUM('a','b'), old INT, KEY by_label (label)) CHARACTER SET utf8mb4;
  CREATE TABLE other (id INT PRIMARY KEY);
  INSERT INTO t (id, label, amount, n, kind, old) VALUES (-1, 'rests', 1.25, 5, 'a', 1), (-2, '', NULL, NULL, NULL, NULL)`;

/** A migration of one table, copied and streamed, by the parts that a workflow would call. */
class Followed implements AsyncDisposable {
  readonly runId = `run-${randomBytes(4).toString('hex')}`;
  epoch = 0;
  private writing: Promise<void> | null = null;
  private isWriting = false;
  private nextId = 1;

  private constructor(readonly pair: VerificationPair) {}

  static async open(flavour: (typeof FLAVOURS)[number]): Promise<Followed> {
    const pair = await VerificationPair.open(flavour);
    await pair.onSource(TABLE);
    await pair.plan();
    const followed = new Followed(pair);
    const { target, source } = pair;
    const { runId } = followed;
    const run = { runId, workflowId: 'w', sourceName: 's', targetName: 't', fingerprint: 'at first' };
    followed.epoch = await target.control.openRun(run);
    const plan = { table: pair.table('t'), ddl: target.translate(pair.table('t')).ddl };
    await target.control.savePlan(runId, [plan], []);
    const facts: TableFacts = { rows: 2, columns: { n: { min: '5', max: '5' } }, orphans: {} };
    await target.control.saveFacts(runId, 't', facts);
    const from = await source.changes!.start(20_000);
    await using lane = await target.openLane({ runId, epoch: followed.epoch, lane: 'copy/1' });
    await target.control.saveChunks(runId, 't', rangesBetween([]));
    const task = { source, lane, plans: [plan], pace: new PaceLimiter(), rejectedLimit: 0, signal: NEVER };
    while ((await copyChunk(task)) !== null);
    await pair.build('t');
    await target.control.beginStream(runId, STREAM, from, await source.position());
    return followed;
  }

  get work() {
    return { runId: this.runId, epoch: this.epoch, lane: STREAM };
  }

  plans(): Promise<TablePlan[]> {
    return this.pair.target.control.loadPlan(this.runId, null);
  }

  /** Has somebody write rows all the while, in columns that no statement of the test changes but by making them wider. */
  write(): void {
    this.isWriting = true;
    this.writing = (async () => {
      const session = await connect(this.pair.sourceUrl);
      try {
        while (this.isWriting) {
          const id = this.nextId++;
          await session.query(`INSERT INTO t (id, label, n) VALUES (${id}, 'l${id}', ${id})`);
          await session.query(`UPDATE t SET n = n + 1, amount = ${id % 1000} + 0.5 WHERE id = ${id >> 1}`);
          if (id % 5 === 0) await session.query(`DELETE FROM t WHERE id = ${id - 3}`);
        }
      } finally {
        await session.end();
      }
    })();
  }

  async rest(): Promise<void> {
    this.isWriting = false;
    await this.writing;
    this.writing = null;
  }

  /** Runs statements while rows are written, and some more of that behind them. */
  async amidWrites(...statements: readonly string[]): Promise<void> {
    const wrote = (more: number): Promise<void> => {
      const goal = this.nextId + more;
      return until(() => Promise.resolve(this.nextId >= goal));
    };
    this.write();
    await wrote(20);
    for (const sql of statements) await this.pair.onSource(sql);
    await wrote(20);
    await this.rest();
  }

  async apply(): Promise<StreamEnd> {
    const others = await this.pair.another();
    await using source = others.source;
    await using target = others.target;
    await target.control.orderStop(this.runId, STREAM, await source.position());
    const tables = (await this.plans()).map((plan) => ({ plan, formats: source.cellFormats(plan.table) }));
    await using applier = await target.openApplier(this.work, tables);
    const { high } = (await target.control.loadStream(this.runId, STREAM))!;
    return await applyChanges({
      ...{ stream: source.changes!, applier, tables, high, signal: NEVER, onApplied: () => undefined },
      source: { read: () => Promise.resolve([]), position: () => source.position() },
    });
  }

  /** Applies up to the next schema change. */
  async applyToChange(): Promise<SchemaChange> {
    const end = await this.apply();
    if (end.kind !== 'schemaChange') throw new Error('the stream went to its end');
    return end.change;
  }

  task(change: SchemaChange, apply = true) {
    const options = {
      filter: tablesFilterSchema.parse({ include: ['t'] }),
      mapping: mappingSchema.parse({}),
      targetSchema: 'public',
      grants: [],
    };
    return {
      ...{ source: this.pair.source, target: this.pair.target, work: this.work },
      change,
      options,
      apply,
      fingerprintOf,
    };
  }

  /** How many rows are the same on both sides; throws when some are not. */
  async sameRows(): Promise<number> {
    const [plan] = await this.plans();
    const { source, target } = this.pair;
    const result = await verifyTable({
      ...{
        source,
        target,
        table: plan!.table,
        ranges: [],
        mode: 'full',
        samplePercent: 5,
        seed: 'run-1',
        done: new Map(),
      },
      ...{ onPart: () => Promise.resolve(), signal: NEVER, heartbeat: () => undefined },
    });
    expect(result).toMatchObject({ mismatches: 0, examples: [], verifiedRows: result.sourceRows });
    return result.sourceRows;
  }

  async columns(): Promise<string[]> {
    const rows = await query(
      this.pair.targetUrl,
      `select attname || ' ' || format_type(atttypid, atttypmod) as said from pg_attribute
       where attrelid = 'public.t'::regclass and attnum > 0 and not attisdropped order by attname`,
    );
    return rows.map(({ said }) => String(said));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.rest();
    await this.pair[Symbol.asyncDispose]();
  }
}

/** A column of every kind with a default: what do the rows have that are there? */
const DEFAULTS = [
  ...["TINYINT DEFAULT '-5'", 'SMALLINT UNSIGNED DEFAULT 65535', 'MEDIUMINT DEFAULT -8388608', 'INT DEFAULT 7'],
  ...['BIGINT UNSIGNED DEFAULT 18446744073709551615', 'BOOL DEFAULT TRUE', 'FLOAT DEFAULT 0.1', 'DOUBLE DEFAULT 1e-7'],
  ...[
    'DECIMAL(10,3) DEFAULT 1.0005',
    "CHAR(5) DEFAULT 'ab'",
    "VARCHAR(9) NOT NULL DEFAULT 'it''s'",
    'VARCHAR(3) DEFAULT "ü"',
  ],
  ...["VARBINARY(4) DEFAULT 'ab'", "BINARY(3) DEFAULT x'00ff'", "BIT(5) DEFAULT b'101'", "DATE DEFAULT '2020-02-29'"],
  ...["TIME(3) DEFAULT '-12:00:00.5'", 'YEAR DEFAULT 2020', "DATETIME(6) DEFAULT '2020-02-29 01:02:03.000004'"],
  ...["TIMESTAMP NULL DEFAULT '2020-01-01 00:00:00'", "ENUM('x','y') NOT NULL DEFAULT 'y'", 'INT', 'LONGTEXT', 'JSON'],
].map((declared, place) => `ADD d${place} ${declared}`);

/** Each with writes that need what it changed. */
const CHANGES = [
  [`ALTER TABLE t ${DEFAULTS.join(', ')}`, 'UPDATE t SET d0 = 1 WHERE id % 2 = 0'],
  [`ALTER TABLE t ${DEFAULTS.map((_, place) => `DROP d${place}`).join(', ')}`, 'UPDATE t SET n = 2 WHERE id % 2 = 0'],
  [
    `ALTER TABLE t ADD COLUMN note VARCHAR(20) NULL COMMENT 'of a row' AFTER id, ADD level INT UNSIGNED NOT NULL DEFAULT 7,
       ADD state ENUM('on','off') DEFAULT 'off', ADD b BINARY(3) DEFAULT 'x', ADD d DATETIME DEFAULT '2020-02-29 01:02:03'`,
    "UPDATE t SET note = 'new', level = 4000000000 WHERE id % 3 = 0",
  ],
  [
    `/* wider */ ALTER TABLE t MODIFY label VARCHAR(60) NOT NULL DEFAULT 'none', MODIFY COLUMN amount DECIMAL(14,4),
       MODIFY id BIGINT NOT NULL,
       MODIFY n BIGINT, MODIFY level BIGINT UNSIGNED NOT NULL DEFAULT 8,
       CHANGE kind sort ENUM('a','b','c''s'), ALGORITHM = COPY`,
    `UPDATE t SET label = CONCAT(label, REPEAT('ü', 40)), amount = 1234567890.1234, n = 9000000000000, level = 18446744073709551615, sort = 'c''s'
       WHERE id % 7 = 0`,
  ],
  [
    'ALTER TABLE `t` CHANGE `note` `Remark` VARCHAR(20) COMMENT "of a row", RENAME COLUMN level TO grade',
    'UPDATE t SET grade = 1 WHERE id % 2 = 0',
  ],
  ['ALTER TABLE t DROP COLUMN old, DROP COLUMN state, DROP COLUMN Remark', 'UPDATE t SET n = 3 WHERE id % 4 = 0'],
] as const;

describe.each(FLAVOURS)('a schema change of a table that is streamed from %s', (flavour) => {
  test('is proposed and followed while rows are written, one change after the other', async () => {
    await using followed = await Followed.open(flavour);
    const { target } = followed.pair;
    for (const statements of CHANGES) {
      await followed.amidWrites(...statements);
      const change = await followed.applyToChange();
      const { reason, statements: proposed, notes } = await proposeSchemaChange(followed.task(change));
      expect([statements[0], reason]).toEqual([statements[0], '']);
      expect(proposed?.length).toBeGreaterThan(0);
      expect(notes.length).toBeGreaterThan(0);
      expect(await followSchemaChange(followed.task(change))).toEqual({ followedBefore: false });
      expect(await followed.apply()).toMatchObject({ kind: 'drained' });
      expect(await followed.sameRows()).toBeGreaterThan(20);
    }
    expect(await followed.columns()).toEqual([
      ...['amount numeric(14,4)', 'b bytea', 'd timestamp(0) without time zone', 'grade numeric(20,0)', 'id bigint'],
      ...['label character varying(60)', 'n bigint', 'sort t_kind'],
    ]);
    const { tables } = await followed.pair.source.introspect();
    const now = fingerprintOf(tables.filter(({ name }) => name === 't'));
    expect(await target.control.fingerprint(followed.runId)).toBe(now);
    const types = await query(followed.pair.targetUrl, "select typname from pg_type where typtype = 'e' order by 1");
    expect(types).toEqual([{ typname: 't_kind' }]);
  }, 60_000);

  test('is followed wholly or not at all, and once, by one epoch', async () => {
    await using followed = await Followed.open(flavour);
    const { target } = followed.pair;
    await followed.amidWrites("ALTER TABLE t ADD COLUMN e ENUM('x') DEFAULT 'x', DROP COLUMN old");
    const change = await followed.applyToChange();
    const before = await followed.columns();
    const standing = await target.control.loadStream(followed.runId, STREAM);

    const client = new Client({ connectionString: followed.pair.targetUrl });
    await client.connect();
    await client.query('begin; lock table public.t in access share mode');
    const dying = codeOf(followSchemaChange(followed.task(change)));
    await until(async () => {
      const waiting = await query(
        followed.pair.targetUrl,
        `select pg_terminate_backend(pid) from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock' and query like 'ALTER TABLE%'`,
      );
      return waiting.length > 0;
    });
    expect(await dying).toBe('CONNECTION_LOST');
    await client.end();
    expect(await followed.columns()).toEqual(before);
    expect(await target.control.loadStream(followed.runId, STREAM)).toEqual(standing);

    const stale = { ...followed.task(change), work: { ...followed.work, epoch: followed.epoch - 1 } };
    expect(await codeOf(followSchemaChange(stale))).toBe('EPOCH_STALE');
    expect(await followSchemaChange(followed.task(change))).toEqual({ followedBefore: false });
    const after = await followed.columns();
    expect(await followSchemaChange(followed.task(change))).toEqual({ followedBefore: true });
    expect(await followed.columns()).toEqual(after);
    expect(await followed.apply()).toMatchObject({ kind: 'drained' });
    await followed.sameRows();
    // What was made for it goes with the run.
    const made = await query(
      followed.pair.targetUrl,
      `select name from temporal_migrate.rollback_log where run_id = '${followed.runId}' and kind = 'type'`,
    );
    expect(made).toEqual([{ name: 't_e' }]);
  }, 60_000);

  test('that a person has followed on the target is checked, and one that is not proposed is shown', async () => {
    await using followed = await Followed.open(flavour);
    await followed.amidWrites('ALTER TABLE t ADD c DATETIME DEFAULT CURRENT_TIMESTAMP');
    const first = await followed.applyToChange();
    expect(await proposeSchemaChange(followed.task(first))).toMatchObject({ statements: null, tables: ['t'] });
    expect(await codeOf(followSchemaChange(followed.task(first)))).toBe('SCHEMA_CHANGE_FAILED');
    const refused = followSchemaChange(followed.task(first, false));
    await expect(refused).rejects.toThrow(/no column c, which must be timestamp\(0\) without time zone/);
    await followed.pair.onTarget('alter table public.t add c timestamp(3)');
    await expect(followSchemaChange(followed.task(first, false))).rejects.toThrow(/c is timestamp\(3\)/);
    await followed.pair.onTarget('alter table public.t alter c type timestamp(0)');
    expect(await followSchemaChange(followed.task(first, false))).toEqual({ followedBefore: false });

    // A statement that the target need not follow; and one behind which the source has gone on.
    await followed.amidWrites('ALTER TABLE t ADD INDEX by_n (n)');
    const second = await followed.applyToChange();
    const { reason, statements } = await proposeSchemaChange(followed.task(second));
    expect([statements, reason]).toEqual([null, expect.stringContaining('only ALTER TABLE') as unknown]);
    await followSchemaChange(followed.task(second, false));
    // About another table, and with this one's name in it.
    await followed.pair.onSource('ALTER TABLE other ADD x INT; ALTER TABLE other RENAME COLUMN x TO t');
    const beside = await followed.applyToChange();
    expect(await proposeSchemaChange(followed.task(beside))).toMatchObject({ statements: [], tables: ['t'] });
    await followSchemaChange(followed.task(beside));
    await followed.pair.onSource('ALTER TABLE t ADD x INT; ALTER TABLE t ADD y INT');
    const third = await followed.applyToChange();
    expect((await proposeSchemaChange(followed.task(third))).reason).toContain('column t.y is new');
    await followed.pair.onTarget('alter table public.t add x integer, add y integer');
    await followSchemaChange(followed.task(third, false));
    const fourth = await followed.applyToChange();
    await followSchemaChange(followed.task(fourth, false));
    expect(await followed.apply()).toMatchObject({ kind: 'drained' });

    await followed.pair.onSource('DROP TABLE t');
    const last = await followed.applyToChange();
    expect(await proposeSchemaChange(followed.task(last))).toMatchObject({ followable: false, statements: null });
    await expect(followSchemaChange(followed.task(last, false))).rejects.toThrow(/no t any more/);
  }, 60_000);
});
