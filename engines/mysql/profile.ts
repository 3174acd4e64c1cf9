import type { Column, ColumnFacts, ForeignKey, Table, TableFacts } from '../../domain/catalog';
import { errorNumber } from './errors';
import { quoteName } from './quote';
import type { Session } from './session';

/** A fact and the aggregate that answers it; `read` makes of it what TableFacts says. */
interface Question {
  readonly column: string;
  readonly aggregate: string;
  readonly read: (answer: string | null) => ColumnFacts;
}

/**
 * What the data proves about a table: an exact count and the facts its columns need, in one pass over the table; then
 * the orphans of each foreign key within the database.
 */
export async function profile(session: Session, table: Table, signal: AbortSignal): Promise<TableFacts> {
  const questions = table.columns.flatMap(questionsOf);
  const aggregates = ['COUNT(*)', ...questions.map(({ aggregate }) => aggregate)];
  const [answers] = await session.query(`SELECT ${aggregates.join(', ')} FROM ${quoteName(table.name)}`, signal);
  const columns: Record<string, ColumnFacts> = {};
  questions.forEach(({ column, read }, index) => {
    columns[column] = { ...columns[column], ...read(answers?.[index + 1] ?? null) };
  });
  const orphans: Record<string, number> = {};
  for (const key of table.foreignKeys) {
    const rows = key.referencedSchema === null ? await countOrphans(session, table, key, signal) : 0;
    if (rows > 0) orphans[key.name] = rows;
  }
  return { rows: Number(answers?.[0] ?? 0), columns, orphans };
}

function questionsOf(column: Column): Question[] {
  const { name, type } = column;
  const sql = quoteName(name);
  const ask = (aggregate: string, read: Question['read']): Question => ({ column: name, aggregate, read });
  const countOf = (condition: string, fact: 'zeroDates' | 'nulCharacters' | 'invalidEnums'): Question =>
    ask(`SUM(${condition})`, (answer) => ({ [fact]: Number(answer ?? 0) }));
  switch (type.kind) {
    case 'integer':
      return type.display1 === true || (type.unsigned && type.bits === 64)
        ? [ask(`MIN(${sql})`, (min) => ({ min })), ask(`MAX(${sql})`, (max) => ({ max }))]
        : [];
    case 'interval':
      return [
        ask(`SUM(${sql} NOT BETWEEN '00:00:00' AND '24:00:00')`, (rows) => ({ withinDay: Number(rows ?? 0) === 0 })),
      ];
    case 'date':
    case 'timestamp':
      return [countOf(`YEAR(${sql}) = 0 OR MONTH(${sql}) = 0 OR DAYOFMONTH(${sql}) = 0`, 'zeroDates')];
    case 'text':
      return [countOf(`INSTR(CAST(${asAsciiBytes(column)} AS BINARY), X'00') > 0`, 'nulCharacters')];
    case 'enum':
      return [countOf(`${sql} = 0`, 'invalidEnums')];
    default:
      return [];
  }
}

/** In these a byte of zero is part of ordinary characters. */
const WIDE_CHARSETS = new Set(['ucs2', 'utf16', 'utf16le', 'utf32']);

/** The column in a character set that has zero bytes for the character NUL only. Collations ignore NUL: bytes do not. */
function asAsciiBytes({ name, charset }: Column): string {
  const sql = quoteName(name);
  return charset !== null && WIDE_CHARSETS.has(charset) ? `CONVERT(${sql} USING utf8mb4)` : sql;
}

/**
 * Rows whose key refers to nothing; one with a NULL in it refers to nothing by right. Text is compared byte by byte as
 * well, as a target without the source's collations will.
 */
async function countOrphans(session: Session, table: Table, key: ForeignKey, signal: AbortSignal): Promise<number> {
  const parts = key.columns.map((name, index) => ({
    child: `c.${quoteName(name)}`,
    parent: `p.${quoteName(key.referencedColumns[index] ?? '')}`,
    isText: table.columns.some((column) => column.name === name && column.type.kind === 'text'),
  }));
  const matches = parts.map(({ child, parent, isText }) =>
    isText ? `${parent} = ${child} AND CAST(${parent} AS BINARY) = CAST(${child} AS BINARY)` : `${parent} = ${child}`,
  );
  const refers = parts.map(({ child }) => `${child} IS NOT NULL`).join(' AND ');
  const from = `FROM ${quoteName(table.name)} AS c WHERE ${refers}`;
  const parent = `SELECT 1 FROM ${quoteName(key.referencedTable)} AS p WHERE ${matches.join(' AND ')}`;
  try {
    return await count(session, `${from} AND NOT EXISTS (${parent})`, signal);
  } catch (error) {
    // Without foreign_key_checks a key may refer to a table that is not there: then every row that refers is an orphan.
    if (errorNumber(error) === NO_SUCH_TABLE) return count(session, from, signal);
    throw error;
  }
}

const NO_SUCH_TABLE = 1146;

async function count(session: Session, from: string, signal: AbortSignal): Promise<number> {
  const [row] = await session.query(`SELECT COUNT(*) ${from}`, signal);
  return Number(row?.[0]);
}
