import type { Chance } from './chance';
import type { Ledger } from './ledger';
import type { Side } from './side';
import { stockLabel } from './tables';

/** Keys of one writer lie in a range of its own. */
const KEYS_EACH = 1_000_000_000;
/** With more accounts than this, some are removed. */
const MOST_ACCOUNTS = 400;
/** So many of its rows of stock a writer changes in one statement. */
const STOCK_EACH = 16;

/** One transaction that a writer is about to make. */
export interface Planned {
  readonly statements: readonly string[];
  /** Row changes without those that foreign keys make. */
  readonly changes: number;
  /** Follows in the ledger what the statements do. */
  readonly note: (ledger: Ledger) => void;
}

/** Thinks up transactions of one writer: each kind of change, none of which meets another writer's rows. */
export class Changes {
  private key: number;

  constructor(
    private readonly owner: number,
    private readonly chance: Chance,
  ) {
    this.key = (owner + 1) * KEYS_EACH;
  }

  next(ledger: Ledger, side: Side): Planned {
    const accounts = [...ledger.account.keys()];
    if (accounts.length < 20) return this.insert(side);
    if (accounts.length > MOST_ACCOUNTS) return this.remove(accounts);
    const kind = this.chance.below(60);
    if (kind < 34) return this.restock(ledger);
    if (kind < 38) return this.insert(side);
    if (kind < 51) return this.rewrite(accounts);
    if (kind < 53) return this.move(accounts);
    if (kind < 55) return this.removePurchase(ledger);
    if (kind < 57) return this.swapNames(accounts, ledger);
    if (kind < 59) return this.replaceStock(ledger);
    return this.remove(accounts);
  }

  private insert(side: Side): Planned {
    const trees = Array.from({ length: 3 }, () => {
      const id = this.key++;
      const note = this.text();
      const balance = `${this.chance.below(1e9)}.${String(this.chance.below(1e6)).padStart(6, '0')}`;
      const kind = this.chance.of(['a', 'ß', 'c']) ?? 'a';
      const picture = Buffer.alloc(1 + this.chance.below(300), this.chance.below(256));
      return { id, purchase: this.key++, hint: this.key++, note, balance, kind, picture };
    });
    const list = (row: (tree: (typeof trees)[number]) => string): string => trees.map(row).join(', ');
    const { owner } = this;
    return {
      statements: [
        `INSERT INTO account VALUES ${list(
          ({ id, balance, note, kind, picture }) =>
            `(${id}, ${owner}, 'name ${id}', ${balance}, '${note}', '{"n": 1.5, "note": "ü"}', '2024-02-29 12:34:56.123456', '${kind}', ${side.hex(picture)})`,
        )}`,
        `INSERT INTO purchase VALUES ${list(({ id, purchase }) => `(${purchase}, ${owner}, ${id}, 4294967295)`)}`,
        `INSERT INTO line VALUES ${list(
          ({ purchase }) => `(${purchase}, 1, ${owner}, 'one'), (${purchase}, 2, ${owner}, 'zwei ß 😀')`,
        )}`,
        `INSERT INTO hint VALUES ${list(({ id, hint }) => `(${hint}, ${owner}, ${id})`)}`,
      ],
      changes: trees.length * 5,
      note: (ledger) => {
        for (const { id, purchase, hint, note, balance, kind, picture } of trees) {
          ledger.account.set(String(id), `name ${id} ${balance} ${kind} ${picture.length} ${note}`);
          ledger.purchase.set(String(purchase), String(id));
          ledger.line.set(`${purchase}/1`, 'one');
          ledger.line.set(`${purchase}/2`, 'zwei ß 😀');
          ledger.hint.set(String(hint), String(id));
        }
      },
    };
  }

  private restock(ledger: Ledger): Planned {
    const ids = this.some([...ledger.stock.keys()], STOCK_EACH);
    const amount = this.chance.below(1e9);
    return {
      statements: [`UPDATE stock SET amount = ${amount} WHERE id IN (${ids.join(', ')})`],
      changes: ids.length,
      note: ({ stock }) => {
        for (const id of ids) stock.set(id, (stock.get(id) ?? '').replace(/^\d+/, String(amount)));
      },
    };
  }

  /** A row goes, and another one comes in its place; a third one takes its key elsewhere. */
  private replaceStock(ledger: Ledger): Planned {
    const [gone = '', moving = ''] = this.some([...ledger.stock.keys()], 2);
    const moved = String(this.key++);
    const label = stockLabel(this.chance.below(1e6));
    return {
      statements: [
        `DELETE FROM stock WHERE id = ${gone}`,
        `UPDATE stock SET id = ${moved} WHERE id = ${moving}`,
        `INSERT INTO stock VALUES (${gone}, ${this.owner}, 7, '${label}')`,
      ],
      changes: 3,
      note: ({ stock }) => {
        stock.set(moved, stock.get(moving) ?? '');
        stock.delete(moving);
        stock.set(gone, `7 ${label}`);
      },
    };
  }

  private rewrite(accounts: readonly string[]): Planned {
    const ids = this.some(accounts, 6);
    const note = this.text();
    return {
      statements: [
        `UPDATE account SET note = '${note}', changed = CURRENT_TIMESTAMP(6) WHERE id IN (${ids.join(', ')})`,
      ],
      changes: ids.length,
      note: ({ account }) => {
        for (const id of ids) {
          const kept = (account.get(id) ?? '').split(' ').slice(0, 5);
          account.set(id, [...kept, note].join(' '));
        }
      },
    };
  }

  /** Each has the name of the other one in the end, which no unique key minds between two transactions. */
  private swapNames(accounts: readonly string[], ledger: Ledger): Planned {
    const [one = '', other = ''] = this.some(accounts, 2);
    const nameOf = (id: string): string => (ledger.account.get(id) ?? '').split(' ').slice(0, 2).join(' ');
    const [first, second] = [nameOf(one), nameOf(other)];
    return {
      statements: [
        `UPDATE account SET name = 'nobody ${this.owner}' WHERE id = ${one}`,
        `UPDATE account SET name = '${first}' WHERE id = ${other}`,
        `UPDATE account SET name = '${second}' WHERE id = ${one}`,
      ],
      changes: 3,
      note: ({ account }) => {
        account.set(other, (account.get(other) ?? '').replace(second, first));
        account.set(one, (account.get(one) ?? '').replace(first, second));
      },
    };
  }

  private move(accounts: readonly string[]): Planned {
    const [id = ''] = this.some(accounts, 1);
    const moved = String(this.key++);
    return {
      statements: [`UPDATE account SET id = ${moved} WHERE id = ${id}`],
      changes: 1,
      note: ({ account, purchase, hint }) => {
        account.set(moved, account.get(id) ?? '');
        account.delete(id);
        for (const [key, of] of purchase) if (of === id) purchase.set(key, moved);
        for (const [key, of] of hint) if (of === id) hint.set(key, moved);
      },
    };
  }

  private remove(accounts: readonly string[]): Planned {
    const ids = this.some(accounts, accounts.length > MOST_ACCOUNTS ? 40 : 2);
    return {
      statements: [`DELETE FROM account WHERE id IN (${ids.join(', ')})`],
      changes: ids.length,
      note: (ledger) => {
        for (const id of ids) ledger.account.delete(id);
        for (const [purchase, of] of [...ledger.purchase]) if (ids.includes(of)) dropPurchase(ledger, purchase);
        for (const [hint, of] of ledger.hint) if (ids.includes(of)) ledger.hint.set(hint, 'null');
      },
    };
  }

  private removePurchase(ledger: Ledger): Planned {
    const ids = this.some([...ledger.purchase.keys()], 3);
    return {
      statements: [`DELETE FROM purchase WHERE id IN (${ids.join(', ') || 'NULL'})`],
      changes: ids.length,
      note: (noted) => {
        for (const id of ids) dropPurchase(noted, id);
      },
    };
  }

  /** Different ones, as many as there are. */
  private some(keys: readonly string[], count: number): string[] {
    const chosen = new Set<string>();
    while (chosen.size < Math.min(count, keys.length)) chosen.add(this.chance.of(keys) ?? '');
    return [...chosen];
  }

  private text(): string {
    const large = this.chance.below(150) === 0 ? 'large '.repeat(20_000) : '';
    return `${large}note ${this.chance.below(1e9)} äß😀`;
  }
}

function dropPurchase(ledger: Ledger, purchase: string): void {
  ledger.purchase.delete(purchase);
  ledger.line.delete(`${purchase}/1`);
  ledger.line.delete(`${purchase}/2`);
}
