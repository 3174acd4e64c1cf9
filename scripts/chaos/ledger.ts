import { stockLabel, STOCK_ROWS, WRITERS } from './tables';
import type { Side } from './side';

/** What is stored, by table and key, as texts that both engines can be asked for. */
export interface Ledger {
  readonly account: Map<string, string>;
  readonly purchase: Map<string, string>;
  readonly line: Map<string, string>;
  readonly hint: Map<string, string>;
  readonly stock: Map<string, string>;
  readonly mark: Map<string, string>;
}

type LedgerTable = keyof Ledger;

const TABLES: readonly LedgerTable[] = ['account', 'purchase', 'line', 'hint', 'stock', 'mark'];

const QUERIES: Readonly<Record<LedgerTable, string>> = {
  account: "SELECT id AS k, CONCAT(name, ' ', balance, ' ', kind, ' ', LENGTH(picture), ' ', note) AS v FROM account",
  purchase: 'SELECT id AS k, account_id AS v FROM purchase',
  line: "SELECT CONCAT(purchase_id, '/', line) AS k, text AS v FROM line",
  hint: 'SELECT id AS k, account_id AS v FROM hint',
  stock: "SELECT id AS k, CONCAT(amount, ' ', label) AS v FROM stock",
  mark: 'SELECT owner AS k, done AS v FROM mark',
};

export function emptyLedger(): Ledger {
  return {
    account: new Map(),
    purchase: new Map(),
    line: new Map(),
    hint: new Map(),
    stock: new Map(),
    mark: new Map(),
  };
}

/** What one writer finds when it begins. */
export function firstLedger(owner: number): Ledger {
  const ledger = emptyLedger();
  for (let id = owner; id < STOCK_ROWS; id += WRITERS) ledger.stock.set(String(id), `0 ${stockLabel(id)}`);
  ledger.mark.set(String(owner), '0');
  return ledger;
}

/** What a side holds. A key that comes twice is told as `twice`, which no writer has written. */
export async function ledgerOf(side: Side): Promise<Ledger> {
  const ledger = emptyLedger();
  for (const table of TABLES) {
    const rows = ledger[table];
    for (const [key, value] of await side.query(QUERIES[table])) {
      const id = String(key);
      rows.set(id, rows.has(id) ? 'twice' : String(value));
    }
  }
  return ledger;
}

/** Where a side is not as the ledgers say; none is what is promised. */
export function differences(ledgers: readonly Ledger[], stored: Ledger): string[] {
  const found: string[] = [];
  for (const table of TABLES) {
    const told = new Map(ledgers.flatMap((ledger) => [...ledger[table]]));
    for (const [key, value] of told) {
      const there = stored[table].get(key);
      if (there === undefined) found.push(`${table} ${key} is lost`);
      else if (there !== value) found.push(`${table} ${key} is "${short(there)}" instead of "${short(value)}"`);
    }
    for (const key of stored[table].keys()) if (!told.has(key)) found.push(`${table} ${key} should not be there`);
  }
  return found;
}

function short(value: string): string {
  return value.length > 80 ? `${value.slice(0, 40)}…${value.slice(-40)}` : value;
}
