import { count, counted } from './format';

/** What was looked at again for the acceptance. It informs a person's decision and stops nothing. */
export interface AcceptanceChecks {
  /** ISO 8601. */
  readonly at: string;
  readonly checks: readonly AcceptanceCheck[];
}

export interface AcceptanceCheck {
  readonly name: 'verification' | 'sourceFrozen' | 'sourceRows' | 'targetRows';
  /** `noted` is neither good nor bad by itself; `notChecked` could not be found out. */
  readonly state: 'passed' | 'failed' | 'noted' | 'notChecked';
  /** What was found, in words. */
  readonly found: string;
}

/** Numbers of rows of one table: when it was verified, and now; null is not counted. */
export interface CountedTable {
  readonly name: string;
  readonly verified: { readonly sourceRows: number; readonly targetRows: number; readonly mismatches: number };
  readonly sourceRows: number | null;
  readonly targetRows: number | null;
}

/** How many tables are named before the rest is only counted. */
const NAMED = 10;

/** The verification as it stands, and what the tables hold now. Pure. */
export function checkCounts(tables: readonly CountedTable[]): AcceptanceCheck[] {
  return [checkVerification(tables), checkSource(tables), checkTarget(tables)];
}

function checkVerification(tables: readonly CountedTable[]): AcceptanceCheck {
  const different = tables.filter(({ verified }) => verified.mismatches > 0);
  const found =
    different.length === 0
      ? `no row differed in ${counted(tables.length, 'table')}`
      : `rows differed: ${list(different.map(({ name, verified }) => `${name} (${count(verified.mismatches)})`))}`;
  return { name: 'verification', state: different.length === 0 ? 'passed' : 'failed', found };
}

function checkSource(tables: readonly CountedTable[]): AcceptanceCheck {
  const now = tables.flatMap((table) => (table.sourceRows === null ? [] : [{ ...table, rows: table.sourceRows }]));
  const changed = now.filter(({ rows, verified }) => rows !== verified.sourceRows);
  const skipped = uncounted(tables.length - now.length);
  if (changed.length > 0) {
    const changes = changed.map(({ name, rows, verified }) => `${name} ${change(verified.sourceRows, rows)}`);
    return {
      name: 'sourceRows',
      state: 'failed',
      found: `the source has changed since it was verified: ${list(changes)}${skipped}. These rows are not on the target`,
    };
  }
  if (now.length === 0 && tables.length > 0)
    return { name: 'sourceRows', state: 'notChecked', found: 'no table was counted' };
  const found = `${counted(now.length, 'table')} of the source hold as many rows as were verified${skipped}`;
  return { name: 'sourceRows', state: skipped === '' ? 'passed' : 'noted', found };
}

/** The application works on the target by now: a difference is no fault, but a person should see it. */
function checkTarget(tables: readonly CountedTable[]): AcceptanceCheck {
  const now = tables.flatMap((table) => (table.targetRows === null ? [] : [{ ...table, rows: table.targetRows }]));
  const changed = now.filter(({ rows, verified }) => rows !== verified.targetRows);
  const skipped = uncounted(tables.length - now.length);
  if (now.length === 0 && tables.length > 0)
    return { name: 'targetRows', state: 'notChecked', found: 'no table was counted' };
  const changes = changed.map(({ name, rows, verified }) => `${name} ${change(verified.targetRows, rows)}`);
  const found =
    changed.length === 0
      ? `the target holds as many rows as were verified: nobody has added or removed any yet${skipped}`
      : `the application works on the target: ${list(changes)}${skipped}`;
  return { name: 'targetRows', state: 'noted', found };
}

function change(before: number, after: number): string {
  return `${count(before)} → ${count(after)}`;
}

function uncounted(tables: number): string {
  return tables === 0 ? '' : ` (${counted(tables, 'table')} not counted: there was no time, or they cannot be read)`;
}

function list(items: readonly string[]): string {
  const more = items.length - NAMED;
  return `${items.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${count(more)} more` : ''}`;
}
