import type { Column } from '../../domain/catalog';
import { MigrationError } from '../../domain/errors';
import { quoteHex, quoteName, quoteText } from './quote';

/** One column of a chunk key, as SQL. The comparisons take a bound's token. */
export interface KeyPart {
  /** The column. */
  readonly sql: string;
  /** The expression that answers the token of a row's value. */
  readonly token: string;
  readonly greater: (token: string) => string;
  readonly greaterOrEqual: (token: string) => string;
  readonly less: (token: string) => string;
  readonly lessOrEqual: (token: string) => string;
  readonly equal: (token: string) => string;
}

/**
 * How a column takes part in key ranges. Every literal is exact and of the column's own type, character set and
 * collation, so that the server compares as its index orders, and uses it.
 */
export function keyPart(column: Column): KeyPart {
  const sql = quoteName(column.name);
  const { type } = column;
  switch (type.kind) {
    case 'integer':
    case 'decimal':
      // Adding zero takes ZEROFILL's zeros away.
      return compared(sql, /zerofill/.test(column.declaredType) ? `${sql} + 0` : sql, (token) => token);
    case 'year':
      // Among numbers the year 0 is itself; as text it would be 2000.
      return compared(sql, `${sql} + 0`, (token) => token);
    case 'double':
    case 'real':
      return compared(sql, `${sql} * 1e0`, (token) => (/e/i.test(token) ? token : `${token}e0`));
    case 'bits':
    case 'set':
      return compared(sql, `CAST(${sql} AS UNSIGNED)`, (token) => token);
    case 'enum':
      return enumerated(sql, type.labels.length);
    case 'date':
    case 'timestamp':
    case 'time':
    case 'interval':
    case 'uuid':
    case 'inet':
      return compared(sql, sql, quoteText);
    case 'bytes':
      return compared(sql, `LOWER(HEX(${sql}))`, quoteHex);
    case 'text':
      return compared(sql, `LOWER(HEX(${sql}))`, textLiteral(column));
    case 'boolean':
    case 'json':
    case 'unsupported':
      throw new MigrationError(
        'INTERNAL',
        `a column of type ${column.declaredType} cannot be part of a chunk key: ${column.name}`,
      );
  }
}

function compared(sql: string, token: string, literal: (token: string) => string): KeyPart {
  const comparison = (operator: string) => (value: string) => `${sql} ${operator} ${literal(value)}`;
  return {
    sql,
    token,
    greater: comparison('>'),
    greaterOrEqual: comparison('>='),
    less: comparison('<'),
    lessOrEqual: comparison('<='),
    equal: comparison('='),
  };
}

/** The bytes of the value in its own character set, compared by its own collation. */
function textLiteral({ charset, collation }: Column): (token: string) => string {
  return (token) => `_${charset ?? 'binary'} ${quoteHex(token)} COLLATE ${collation ?? 'binary'}`;
}

/**
 * An enum orders by number, 0 being its error value, but a comparison by number reads every row: only a list of numbers
 * is looked up in the index. So each range is a list.
 */
function enumerated(sql: string, labels: number): KeyPart {
  const among = (first: number, last: number): string =>
    first > last
      ? 'FALSE'
      : `${sql} IN (${Array.from({ length: last - first + 1 }, (_, index) => first + index).join(', ')})`;
  return {
    sql,
    token: `CAST(${sql} AS UNSIGNED)`,
    greater: (token) => among(Number(token) + 1, labels),
    greaterOrEqual: (token) => among(Number(token), labels),
    less: (token) => among(0, Number(token) - 1),
    lessOrEqual: (token) => among(0, Number(token)),
    equal: (token) => `${sql} = ${Number(token)}`,
  };
}
