import type { PostgresSession } from '../connection';

/** So much text goes into one statement. */
const BATCH_CHARACTERS = 4_000_000;
/** A statement has at most 65,535 parameters. */
const BATCH_VALUES = 60_000;

/**
 * Inserts rows with as few statements as will do; each begins with `insert`, up to and without `values`. Every value is
 * a parameter of its own: as elements of array parameters, long documents would be escaped and parsed several times.
 */
export async function insertRows(
  session: PostgresSession,
  insert: string,
  rows: readonly (readonly (string | number)[])[],
): Promise<void> {
  let values: (string | number)[] = [];
  let places: string[] = [];
  let characters = 0;
  const flush = async (): Promise<void> => {
    if (places.length > 0) await session.query(`${insert} values ${places.join(', ')}`, values);
    values = [];
    places = [];
    characters = 0;
  };
  for (const row of rows) {
    places.push(`(${row.map((_, index) => `$${values.length + index + 1}`).join(', ')})`);
    values.push(...row);
    for (const value of row) characters += String(value).length;
    if (characters >= BATCH_CHARACTERS || values.length >= BATCH_VALUES) await flush();
  }
  await flush();
}
