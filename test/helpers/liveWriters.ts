import { setTimeout as delay } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';
import { Client } from 'pg';
import { query } from './databases';

/** What writers change: accounts with orders, and these with lines, which go with them. */
export const LIVE_TABLES = `
  CREATE TABLE account (
    id BIGINT PRIMARY KEY, owner INT NOT NULL, name VARCHAR(60) COLLATE utf8mb4_bin NOT NULL, balance DECIMAL(30,6),
    note MEDIUMTEXT, doc JSON, changed DATETIME(6), seen TIMESTAMP(3) NULL, flags BIT(5), rate DOUBLE, kind ENUM('a','ß','c'),
    picture MEDIUMBLOB, UNIQUE KEY one_name (name));
  CREATE TABLE purchase (
    id BIGINT PRIMARY KEY, owner INT NOT NULL, account_id BIGINT, quantity INT UNSIGNED, day DATE, KEY by_account (account_id),
    CONSTRAINT of_account FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE CASCADE ON UPDATE CASCADE);
  CREATE TABLE line (
    purchase_id BIGINT, line SMALLINT, owner INT NOT NULL, text VARCHAR(200), PRIMARY KEY (purchase_id, line),
    CONSTRAINT of_purchase FOREIGN KEY (purchase_id) REFERENCES purchase (id) ON DELETE CASCADE ON UPDATE CASCADE);
  CREATE TABLE hint (
    id BIGINT PRIMARY KEY, owner INT NOT NULL, account_id BIGINT,
    CONSTRAINT of_hint FOREIGN KEY (account_id) REFERENCES account (id) ON DELETE SET NULL ON UPDATE CASCADE)`;

/** Between two transactions of a writer: together they make some thousand row changes a second. */
const PAUSE_MS = 8;
/** Keys of one writer lie in a range of its own. */
const KEYS_EACH = 1_000_000;

type Key = string;
/** What one writer has been told is stored, as texts that both sides can be asked for. */
export interface Ledger {
  readonly account: Map<Key, string>;
  readonly purchase: Map<Key, string>;
  readonly line: Map<Key, string>;
  readonly hint: Map<Key, string>;
}

const emptyLedger = (): Ledger => ({ account: new Map(), purchase: new Map(), line: new Map(), hint: new Map() });

/** A small generator whose numbers are the same for the same seed. */
export class Chance {
  constructor(private state: number) {}

  below(limit: number): number {
    this.state = (Math.imul(this.state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((this.state / 2 ** 32) * limit);
  }

  of<T>(list: readonly T[]): T | undefined {
    return list[this.below(list.length)];
  }
}

/** A session of either database; statements have a question mark for each value. */
interface WriterSession {
  query(sql: string, values?: unknown[]): Promise<unknown>;
  end(): Promise<void>;
}

async function openWriter(url: string): Promise<WriterSession> {
  if (!/^postgres(ql)?:/.test(url)) {
    return createConnection({ uri: url.replace(/^mariadb:/, 'mysql:'), charset: 'utf8mb4', timezone: 'Z' });
  }
  const client = new Client({ connectionString: url, options: '-c TimeZone=UTC' });
  // Whoever writes over a connection that ends hears of it.
  client.on('error', () => undefined);
  await client.connect();
  return {
    query: (sql, values = []) => {
      let number = 0;
      return client.query(
        sql.replaceAll('?', () => `$${++number}`),
        values,
      );
    },
    end: () => client.end(),
  };
}

/** One session of an application that writes without pause, and keeps account of what was acknowledged. */
export class LiveWriter {
  readonly ledger = emptyLedger();
  /** Row changes that the source has acknowledged, without those that foreign keys made. */
  changes = 0;
  /** How often the source was read-only. */
  refused = 0;
  private key: number;
  private next: WriterSession | null = null;
  private readonly chance: Chance;

  constructor(
    private connection: WriterSession,
    private readonly owner: number,
    seed: number,
  ) {
    this.key = owner * KEYS_EACH;
    this.chance = new Chance(seed * 7_919 + owner);
  }

  /** One transaction: begun, some changes, committed; the ledger follows once it is acknowledged. */
  async transaction(): Promise<void> {
    const after: (() => void)[] = [];
    let changes = 0;
    await this.move();
    await this.connection.query('BEGIN');
    for (let step = 1 + this.chance.below(4); step > 0; step--) changes += await this.step(after);
    await this.connection.query('COMMIT');
    for (const note of after) note();
    this.changes += changes;
  }

  /** The next transaction goes somewhere else. */
  moveTo(next: WriterSession): void {
    this.next = next;
  }

  private async move(): Promise<void> {
    if (this.next === null) return;
    await this.connection.end();
    this.connection = this.next;
    this.next = null;
  }

  end(): Promise<void> {
    return this.connection.end();
  }

  /** A side that takes no writes now has taken nothing of the transaction; the writer tries another one. Else throws. */
  async giveUpFrozen(error: unknown): Promise<void> {
    if (!/read.?only|takes no writes|does not exist/iu.test(error instanceof Error ? error.message : '')) throw error;
    this.refused += 1;
    await this.connection.query('ROLLBACK');
  }

  private async step(after: (() => void)[]): Promise<number> {
    // Steps of one transaction are chosen by what was there before it, so each key is touched once in it.
    if (after.length > 0) return this.insert(after);
    const { account, purchase } = this.ledger;
    if (account.size < 20) return this.insert(after);
    switch (this.chance.below(30)) {
      case 0:
        return this.removeAccount(after, this.chance.of([...account.keys()]) ?? '');
      case 1:
        return this.moveAccount(after, this.chance.of([...account.keys()]) ?? '');
      case 2:
        return purchase.size === 0 ? 0 : this.removePurchase(after, this.chance.of([...purchase.keys()]) ?? '');
      case 3:
      case 4:
      case 5:
      case 6:
        return this.insert(after);
      default:
        return this.update(after, this.chance.of([...account.keys()]) ?? '');
    }
  }

  private async insert(after: (() => void)[]): Promise<number> {
    const { ledger, owner, chance } = this;
    const [id, purchase, hint] = [this.key++, this.key++, this.key++].map(String) as [Key, Key, Key];
    const note = this.text();
    await this.connection.query(`INSERT INTO account VALUES (?, ?, ?, ?, ?, ?, ?, ?, b'10101', ?, ?, ?)`, [
      ...[id, owner, `name ${id}`, `${chance.below(1e9)}.${chance.below(1e6)}`, note, JSON.stringify({ note, n: 1.5 })],
      ...[
        `2024-02-29 12:34:56.${String(chance.below(1e6)).padStart(6, '0')}`,
        '2024-03-31 01:30:00.123',
        0.1 * chance.below(100),
      ],
      ...[chance.of(['a', 'ß', 'c', null]), Buffer.alloc(chance.below(300), chance.below(256))],
    ]);
    await this.connection.query('INSERT INTO purchase VALUES (?, ?, ?, ?, ?)', [
      purchase,
      owner,
      id,
      chance.below(2 ** 32),
      '2024-02-29',
    ]);
    await this.connection.query("INSERT INTO line VALUES (?, 1, ?, 'one'), (?, 2, ?, 'zwei ß 😀')", [
      purchase,
      owner,
      purchase,
      owner,
    ]);
    await this.connection.query('INSERT INTO hint (id, owner, account_id) VALUES (?, ?, ?)', [hint, owner, id]);
    after.push(() => {
      ledger.account.set(id, note);
      ledger.purchase.set(purchase, id);
      ledger.line.set(`${purchase}/1`, 'one');
      ledger.line.set(`${purchase}/2`, 'zwei ß 😀');
      ledger.hint.set(hint, id);
    });
    return 5;
  }

  private async update(after: (() => void)[], id: Key): Promise<number> {
    const note = this.text();
    await this.connection.query(
      'UPDATE account SET note = ?, balance = balance + 1.000001, changed = CURRENT_TIMESTAMP(6) WHERE id = ?',
      [note, id],
    );
    after.push(() => this.ledger.account.set(id, note));
    return 1;
  }

  private async removeAccount(after: (() => void)[], id: Key): Promise<number> {
    await this.connection.query('DELETE FROM account WHERE id = ?', [id]);
    after.push(() => {
      this.ledger.account.delete(id);
      for (const [purchase, of] of [...this.ledger.purchase]) if (of === id) this.dropPurchase(purchase);
      for (const [hint, of] of this.ledger.hint) if (of === id) this.ledger.hint.set(hint, 'null');
    });
    return 1;
  }

  private async removePurchase(after: (() => void)[], purchase: Key): Promise<number> {
    await this.connection.query('DELETE FROM purchase WHERE id = ?', [purchase]);
    after.push(() => {
      this.dropPurchase(purchase);
    });
    return 1;
  }

  private async moveAccount(after: (() => void)[], id: Key): Promise<number> {
    const moved = String(this.key++);
    await this.connection.query('UPDATE account SET id = ? WHERE id = ?', [moved, id]);
    after.push(() => {
      const { account, purchase, hint } = this.ledger;
      account.set(moved, account.get(id) ?? '');
      account.delete(id);
      for (const [key, of] of purchase) if (of === id) purchase.set(key, moved);
      for (const [key, of] of hint) if (of === id) hint.set(key, moved);
    });
    return 1;
  }

  private dropPurchase(purchase: Key): void {
    this.ledger.purchase.delete(purchase);
    this.ledger.line.delete(`${purchase}/1`);
    this.ledger.line.delete(`${purchase}/2`);
  }

  private text(): string {
    const large = this.chance.below(200) === 0 ? 'large '.repeat(50_000) : '';
    return `${large}note ${this.chance.below(1e9)} äß😀`;
  }
}

/** Writers at work until they are told to stop. */
export class LiveWriters {
  readonly writers: LiveWriter[];
  private running = true;
  private readonly ended: Promise<void>[];

  private constructor(connections: readonly WriterSession[], seed: number, transactionsEach: number) {
    this.writers = connections.map((connection, owner) => new LiveWriter(connection, owner, seed));
    this.ended = this.writers.map(async (writer) => {
      for (let done = 0; this.running && done < transactionsEach; done++) {
        await writer.transaction().catch((error: unknown) => writer.giveUpFrozen(error));
        // The writers share a thread with what they test; without a pause that would not get its turns.
        await delay(PAUSE_MS);
      }
    });
    // A writer that fails is told by `stop`.
    for (const writing of this.ended) writing.catch(() => undefined);
  }

  /** Each writer rests after so many transactions, so that whoever is slower than they are comes to an end, too. */
  static async start(url: string, count: number, seed: number, transactionsEach: number): Promise<LiveWriters> {
    const connections = await Promise.all(Array.from({ length: count }, () => openWriter(url)));
    return new LiveWriters(connections, seed, transactionsEach);
  }

  /** Has the application write elsewhere, as a switch of its traffic does. */
  async moveTo(url: string): Promise<void> {
    const sessions = await Promise.all(this.writers.map(() => openWriter(url)));
    this.writers.forEach((writer, place) => writer.moveTo(sessions[place] as WriterSession));
  }

  get changes(): number {
    return this.writers.reduce((sum, { changes }) => sum + changes, 0);
  }

  get refused(): number {
    return this.writers.reduce((sum, { refused }) => sum + refused, 0);
  }

  /** Resolves when so many more changes are acknowledged; fails when a writer does. */
  async doMore(changes: number): Promise<void> {
    const goal = this.changes + changes;
    const failed = Promise.all(this.ended);
    while (this.changes < goal) await Promise.race([delay(20), failed]);
  }

  async stop(): Promise<void> {
    this.running = false;
    await Promise.all(this.ended);
    await Promise.all(this.writers.map((writer) => writer.end()));
  }

  /** What all writers were told is stored. */
  ledger(): Ledger {
    const all = emptyLedger();
    for (const { ledger } of this.writers) {
      for (const name of Object.keys(all) as (keyof Ledger)[]) {
        for (const [key, value] of ledger[name]) all[name].set(key, value);
      }
    }
    return all;
  }
}

/** What a side holds of what a ledger has. */
export async function ledgerOf(url: string): Promise<Ledger> {
  const read = async (sql: string): Promise<Map<Key, string>> =>
    new Map((await query(url, sql)).map(({ k, v }) => [String(k), v === null ? 'null' : `${v as string | number}`]));
  return {
    account: await read('SELECT id AS k, note AS v FROM account'),
    purchase: await read('SELECT id AS k, account_id AS v FROM purchase'),
    line: await read("SELECT CONCAT(purchase_id, '/', line) AS k, text AS v FROM line"),
    hint: await read('SELECT id AS k, account_id AS v FROM hint'),
  };
}
