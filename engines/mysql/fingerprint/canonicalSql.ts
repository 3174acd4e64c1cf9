import { UNEQUAL } from '../../../domain/canonicalText';
import { assert } from '../../../domain/errors';
import type { PlannedColumn } from '../../../domain/plan';
import type { Flavour } from '../flavour';
import { quoteName } from '../quote';
import { inetSql } from './inetSql';
import { decimalSql, doubleSql, numberSql } from './numberSql';
import { isPlainLabel, quoteLabel } from './setLabels';
import { textConstant, textSql } from './textSql';
import { timeSql } from './timeSql';

/**
 * The SQL expression for a column's canonical text (domain/canonicalText.ts) as the target is expected to hold it: of
 * the planned type, with the column's policies applied. NULL is NULL. Numbers and dates are left to the server's own
 * conversion to text where that gives the canonical one.
 */
export function canonicalSql(column: PlannedColumn, flavour: Flavour): string {
  const { source, type } = column;
  const name = quoteName(source.name);
  switch (type.kind) {
    case 'boolean':
    case 'integer':
    case 'year':
    case 'decimal':
      return decimalSql(source, type.kind === 'decimal' ? type.scale : 0);
    case 'real':
    case 'double':
      return doubleSql(source, flavour);
    case 'bits':
      return `LPAD(BIN(${numberSql(source)}), ${type.length}, '0')`;
    case 'text':
      return stringSql(column, flavour);
    case 'bytes':
      return `LOWER(HEX(${name}))`;
    case 'enum':
      return enumSql(column);
    case 'set':
      return setSql(column);
    case 'json':
      return source.type.kind === 'json' && source.charset === null ? `CAST(${name} AS CHAR)` : textSql(column);
    case 'date':
    case 'timestamp':
    case 'time':
    case 'interval':
      return timeSql(column);
    case 'uuid':
      return uuidSql(column);
    case 'inet':
      return inetSql(source);
    case 'unsupported':
      assert(false, `no row of the column ${source.name} is moved`);
  }
}

/** What a value of any kind becomes where the mapping asks for text. */
function stringSql(column: PlannedColumn, flavour: Flavour): string {
  const { source } = column;
  switch (source.type.kind) {
    case 'text':
      return textSql(column);
    case 'enum':
      return enumSql(column);
    case 'set':
      return `CONVERT(${quoteName(source.name)} USING utf8mb4)`;
    case 'json':
    case 'uuid':
    case 'inet':
      return canonicalSql({ ...column, type: source.type }, flavour);
    default:
      assert(false, `${source.type.kind} is not mapped to text (${source.name})`);
  }
}

/** Index 0 is the error value, which reads as an empty string and is none of the labels. */
function enumSql({ source, policies }: PlannedColumn): string {
  const name = quoteName(source.name);
  const invalid = policies.invalidEnums === 'null' ? 'NULL' : textConstant(`${UNEQUAL}invalid`);
  return `IF(${name} + 0 = 0, ${invalid}, CONVERT(${name} USING utf8mb4))`;
}

function setSql({ source }: PlannedColumn): string {
  const name = quoteName(source.name);
  assert(source.type.kind === 'set', `only a set becomes a set (${source.name})`);
  const { labels } = source.type;
  if (labels.every(isPlainLabel)) return `CONCAT('{', CONVERT(${name} USING utf8mb4), '}')`;
  const members = labels.map((label, index) => `IF(${name} + 0 & ${2n ** BigInt(index)}, ${quoteLabel(label)}, NULL)`);
  return `IF(${name} IS NULL, NULL, CONCAT('{', CONCAT_WS(',', ${members.join(', ')}), '}'))`;
}

function uuidSql(column: PlannedColumn): string {
  const { source } = column;
  const name = quoteName(source.name);
  switch (source.type.kind) {
    case 'bytes':
      // From the back, so that no hyphen moves the place of another.
      return [21, 17, 13, 9].reduce((sql, at) => `INSERT(${sql}, ${at}, 0, '-')`, `LOWER(HEX(${name}))`);
    case 'text':
      return `LOWER(${textSql(column)})`;
    default:
      return `CAST(${name} AS CHAR)`;
  }
}
