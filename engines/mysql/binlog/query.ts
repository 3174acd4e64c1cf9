/** Thread, duration, length of the database's name, error, length of the status variables. (MySQL: Query_event) */
const POST_HEADER_BYTES = 13;
const DATABASE_LENGTH_AT = 8;
const STATUS_LENGTH_AT = 11;
/** LOAD DATA as a statement tells of its file, too. (MySQL: Execute_load_query_event) */
export const LOAD_QUERY_MORE_BYTES = 13;
const BEGIN = Buffer.from('BEGIN');

export interface LoggedQuery {
  /** The one its session used; empty when there was none. */
  readonly database: string;
  readonly text: string;
}

/** Reads the body of a QUERY event, or of one that has `more` bytes in front of the status variables. */
export function readQuery(bytes: Buffer, start: number, end: number, more = 0): LoggedQuery {
  const textStart = textAt(bytes, start) + more;
  const databaseStart = textStart - 1 - (bytes[start + DATABASE_LENGTH_AT] as number);
  return {
    database: bytes.toString('utf8', databaseStart, textStart - 1),
    text: bytes.toString('utf8', textStart, end),
  };
}

/** Nearly every transaction of MySQL begins with this statement: told without making a text of it. */
export function isBegin(bytes: Buffer, start: number, end: number): boolean {
  const at = textAt(bytes, start);
  return end - at === BEGIN.length && BEGIN.compare(bytes, at, end) === 0;
}

function textAt(bytes: Buffer, start: number): number {
  const status = bytes.readUInt16LE(start + STATUS_LENGTH_AT);
  return start + POST_HEADER_BYTES + status + (bytes[start + DATABASE_LENGTH_AT] as number) + 1;
}
