import { MigrationError } from '../../../domain/errors';
import { errorNumber } from '../errors';
import type { Session } from '../session';

/** Why the server does not take rows as they are. */
export interface Refusal {
  readonly reason: string;
  /** The row's place in the statement, from 0; null where the server does not say. */
  readonly row: number | null;
  readonly column: string | null;
}

/** SQLSTATE classes of values that do not fit, and of constraints that they break. */
const CLASSES = /^2[23]/;
/** What is said of a row, in both servers' numbers, under another SQLSTATE. */
const NUMBERS: ReadonlySet<number> = new Set([
  1118, // the row is too long
  1265, // cut
  1292, // no value of the type
  1364, // no default
  1366, // no character of the column's set
  1526, // no partition for it
  1748, // not of this partition
  3819, // a check (MySQL)
  4025, // a check (MariaDB)
]);

/** Warnings that say nothing of values: a statement unsafe for the log's format, words that are out of use. */
const NO_MATTER: ReadonlySet<number> = new Set([1287, 1592, 1681, 3719, 3778]);

/** Null for an error that is not about the rows. */
export function refusalOf(error: unknown): Refusal | null {
  if (!(error instanceof MigrationError)) return null;
  const number = errorNumber(error);
  const state = error.details['sqlState'];
  // MariaDB's InnoDB says so of a row that has no room in a page.
  const isTooLong = number === 1030 && error.message.includes('139');
  const isOfRows =
    isTooLong || (typeof state === 'string' && CLASSES.test(state)) || (number !== null && NUMBERS.has(number));
  return isOfRows ? readRefusal(error.message) : null;
}

/** What the last statement changed about the values it was given; null for nothing. */
export async function warningOf(session: Session): Promise<Refusal | null> {
  const warnings = await session.show('SHOW WARNINGS');
  const found = warnings.find((warning) => !NO_MATTER.has(Number(warning['Code'])));
  return found === undefined ? null : readRefusal(found['Message'] ?? 'the server warns without a word');
}

/** The servers say `… for column 'name' at row 3`, MariaDB with the names of database and table before. */
function readRefusal(message: string): Refusal {
  const row = /at row (\d+)/.exec(message)?.[1];
  const column = /column ((?:[`'](?:[^`']*)[`']\.?)+)/i.exec(message)?.[1];
  return {
    reason: `the source does not take it as it is: ${message}`,
    row: row === undefined ? null : Number(row) - 1,
    column: column === undefined ? null : (/[`']([^`']*)[`']$/.exec(column)?.[1] ?? null),
  };
}
