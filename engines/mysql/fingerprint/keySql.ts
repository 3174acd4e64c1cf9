import { UNEQUAL } from '../../../domain/canonicalText';
import type { PlannedColumn } from '../../../domain/plan';
import { NULL_IN_KEY, type RowKey } from '../../../domain/rowKey';
import type { Flavour } from '../flavour';
import { quoteHex, quoteName, quoteText } from '../quote';
import { canonicalSql } from './canonicalSql';
import { textConstant } from './textSql';

/** The condition that a row has one of these keys, given as canonical text; in a form that an index answers. */
export function keysSql(columns: readonly PlannedColumn[], keys: readonly RowKey[], flavour: Flavour): string {
  const [column, ...others] = columns;
  if (column !== undefined && others.length === 0) {
    const constants = keys.map(([text = '']) => constantSql(column, text));
    if (constants.every((constant) => constant !== null)) {
      return `${quoteName(column.source.name)} IN (${constants.join(', ')})`;
    }
  }
  const alternatives = keys.map((key) =>
    columns.map((part, index) => equalSql(part, key[index] ?? '', flavour)).join(' AND '),
  );
  return alternatives.map((sql) => `(${sql})`).join(' OR ');
}

function equalSql(column: PlannedColumn, text: string, flavour: Flavour): string {
  if (text === NULL_IN_KEY) return `(${canonicalSql(column, flavour)}) IS NULL`;
  const constant = constantSql(column, text);
  if (constant !== null) return `${quoteName(column.source.name)} = ${constant}`;
  return `CAST(${canonicalSql(column, flavour)} AS BINARY) = ${quoteHex(Buffer.from(text).toString('hex'))}`;
}

/**
 * A constant the column itself can be compared with; null where only the expression for its canonical text can be.
 * The server reads a text constant in the column's own character set and collation, so the index is used.
 */
function constantSql({ source, type, policies }: PlannedColumn, text: string): string | null {
  if (text.startsWith(UNEQUAL)) return null;
  switch (source.type.kind) {
    case 'integer':
    case 'decimal':
    case 'year':
      return /^-?\d+(\.\d+)?$/.test(text) ? text : null;
    case 'double':
      // Without an exponent a constant would be a decimal.
      return /^-?\d+(\.\d+)?$/.test(text) ? `${text}e0` : /^-?\d+(\.\d+)?e-?\d+$/.test(text) ? text : null;
    case 'date':
    case 'timestamp':
    case 'interval':
      return quoteText(text);
    case 'bytes':
      return quoteHex(type.kind === 'uuid' ? text.replaceAll('-', '') : text);
    case 'text':
      return type.kind === 'text' && policies.nulCharacters === 'reject' ? textConstant(text) : null;
    case 'enum':
    case 'uuid':
    case 'inet':
      return textConstant(text);
    default:
      return null;
  }
}
