import { setTimeout as delay } from 'node:timers/promises';
import { createConnection, type Connection } from 'mysql2/promise';
import { Chance } from './liveWriters';

/** Tables whose rows nothing tells apart but what they hold, and one with a key beside them. */
export const HEAP_TABLES = `
  CREATE TABLE visit (
    n INT NULL, name VARCHAR(20) NULL, note TEXT NULL, padded CHAR(5) NULL, doc JSON NULL, amount DECIMAL(30,6) NULL, rate DOUBLE NULL,
    small FLOAT NULL, flags BIT(5) NULL, flag BIT(1) NULL, big BIGINT UNSIGNED NULL, moment DATETIME(6) NULL, seen TIMESTAMP(3) NULL,
    day DATE NULL, span TIME(2) NULL, y YEAR NULL, kind ENUM('a','ß','c') NULL, perms SET('x','y','z') NULL, picture BLOB NULL,
    fixed BINARY(4) NULL, KEY by_n (n));
  CREATE TABLE word (text VARCHAR(10) COLLATE utf8mb4_bin NULL);
  CREATE TABLE place (code INT NULL, n INT NOT NULL, UNIQUE KEY one_code (code), KEY by_n (n));
  CREATE TABLE tally (id INT PRIMARY KEY, n INT NOT NULL)`;

/** Of each kind of value few, so that many rows hold the same. */
const VALUES: Readonly<Record<string, readonly (string | null)[]>> = {
  n: ['1', '2', '3', '4', '5', '6', 'NULL'],
  name: ["''", "'Ann'", "'ANN'", "'NULL'", "'äß😀'", 'NULL'],
  note: ["''", "'line\\n\\\\'", `REPEAT('wide ', 700)`, 'NULL'],
  padded: ["'a'", "'a b'", 'NULL'],
  doc: [`'{"a": 1}'`, `'{"a": 1.5}'`, `'[null, "x"]'`, `'null'`, 'NULL'],
  amount: ['0', '1.5', '-123456789012345678901234.654321', 'NULL'],
  rate: ['0e0', '-0e0', '0.1', '1.7976931348623157e308', '5e-324', 'NULL'],
  small: ['0.1', '-3.25', 'NULL'],
  flags: [`b'00000'`, `b'10101'`, 'NULL'],
  flag: [`b'0'`, `b'1'`, 'NULL'],
  big: ['0', '18446744073709551615', 'NULL'],
  moment: [`'2024-02-29 12:34:56.000001'`, `'2024-02-29 12:34:56.000002'`, 'NULL'],
  seen: [`'2024-03-31 01:30:00.123'`, `'1970-01-01 00:00:01.001'`, 'NULL'],
  day: [`'2024-02-29'`, `'9999-12-31'`, 'NULL'],
  span: [`'23:59:59.75'`, `'12:00:00.25'`, 'NULL'],
  y: ['1901', '2155', 'NULL'],
  kind: [`'a'`, `'ß'`, 'NULL'],
  perms: [`''`, `'x,z'`, 'NULL'],
  picture: [`''`, `X'00'`, `X'0000'`, `X'ff5c27'`, 'NULL'],
  fixed: [`X'00000000'`, `X'01020304'`, 'NULL'],
};
const COLUMNS = Object.keys(VALUES);
/** A deadlock, and a lock that was waited for too long: whoever writes rows without a key locks many. */
const TRY_AGAIN = [1213, 1205];
const READ_ONLY = 1290;
const PAUSE_MS = 4;

/** One session that writes, changes and deletes rows of which there may be many alike. */
class HeapWriter {
  changes = 0;
  /** How often the source was read-only. */
  refused = 0;

  constructor(
    readonly connection: Connection,
    private readonly chance: Chance,
  ) {}

  async transaction(): Promise<void> {
    try {
      await this.connection.query('BEGIN');
      let changes = 0;
      for (let step = 1 + this.chance.below(3); step > 0; step--) {
        const [result] = await this.connection.query(this.statement());
        changes += (result as { affectedRows: number }).affectedRows;
      }
      await this.connection.query(this.chance.below(10) === 0 ? 'ROLLBACK' : 'COMMIT');
      this.changes += changes;
    } catch (error) {
      const { errno = 0 } = error as { errno?: number };
      if (errno === READ_ONLY) this.refused += 1;
      else if (!TRY_AGAIN.includes(errno)) throw error;
      await this.connection.query('ROLLBACK');
    }
  }

  private statement(): string {
    const { chance } = this;
    const n = chance.below(7);
    const word = chance.of(["'a'", "'A'", "'b'", "''", 'NULL']) ?? '';
    switch (chance.below(12)) {
      case 0:
      case 1:
      case 2:
        return `INSERT INTO visit (${COLUMNS.join()}) VALUES (${this.row()}), (${this.row()})`;
      case 3:
        // Every row alike.
        return `INSERT INTO visit (n, name) VALUES (1, 'same'), (1, 'same'), (1, 'same')`;
      case 4:
        return `DELETE FROM visit WHERE n <=> ${n} LIMIT ${1 + chance.below(3)}`;
      case 5: {
        const column = chance.of(COLUMNS) ?? '';
        return `UPDATE visit SET ${column} = ${this.value(column)} WHERE n <=> ${n} LIMIT 2`;
      }
      case 6:
        return `INSERT INTO word VALUES (${word}), (${word})`;
      case 7:
        return `DELETE FROM word WHERE text <=> ${word} LIMIT 2`;
      case 8:
        return `UPDATE word SET text = ${chance.of(["'c'", 'NULL', "''"]) ?? ''} WHERE text <=> ${word} LIMIT 1`;
      case 9:
        return `INSERT IGNORE INTO place VALUES (${chance.below(3) === 0 ? 'NULL' : chance.below(200)}, ${n}), (NULL, ${n})`;
      case 10:
        return chance.below(2) === 0
          ? `DELETE FROM place WHERE n = ${n} LIMIT 2`
          : `UPDATE IGNORE place SET code = ${chance.below(200)} WHERE n = ${n} LIMIT 1`;
      default:
        return `INSERT INTO tally VALUES (${chance.below(50)}, 1) ON DUPLICATE KEY UPDATE n = n + 1`;
    }
  }

  private row(): string {
    return COLUMNS.map((column) => this.value(column)).join(', ');
  }

  private value(column: string): string {
    return this.chance.of(VALUES[column] ?? []) ?? 'NULL';
  }
}

/** Writers of rows without a key, at work until they are told to stop. */
export class HeapWriters {
  private running = true;
  private readonly ended: Promise<void>[];

  private constructor(private readonly writers: readonly HeapWriter[]) {
    this.ended = writers.map(async (writer) => {
      while (this.running) {
        await writer.transaction();
        await delay(PAUSE_MS);
      }
    });
    // A writer that fails is told by `stop`.
    for (const writing of this.ended) writing.catch(() => undefined);
  }

  static async start(url: string, count: number, seed: number): Promise<HeapWriters> {
    const uri = url.replace(/^mariadb:/, 'mysql:');
    const connections = await Promise.all(Array.from({ length: count }, () => createConnection({ uri })));
    for (const connection of connections) {
      await connection.query(`SET NAMES utf8mb4, time_zone = '+00:00', sql_mode = ''`);
      await connection.query('SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED');
    }
    return new HeapWriters(connections.map((connection, each) => new HeapWriter(connection, new Chance(seed + each))));
  }

  /** Rows that were changed, those of transactions that were rolled back among them. */
  get changes(): number {
    return this.writers.reduce((sum, { changes }) => sum + changes, 0);
  }

  get refused(): number {
    return this.writers.reduce((sum, { refused }) => sum + refused, 0);
  }

  async stop(): Promise<void> {
    this.running = false;
    await Promise.all(this.ended);
    await Promise.all(this.writers.map(({ connection }) => connection.end()));
  }
}
