import { assert } from '../../../domain/errors';
import type { PlannedColumn } from '../../../domain/plan';
import { quoteName } from '../quote';

/**
 * The SQL expression for a column's canonical text (domain/canonicalText.ts), or one whose output is that text. It
 * relies on the session's settings: UTC, ISO dates, postgres intervals, shortest doubles. NULL is NULL.
 */
export function canonicalSql({ targetName, type, source }: PlannedColumn): string {
  const name = quoteName(targetName);
  switch (type.kind) {
    case 'boolean':
      return `${name}::int4`;
    case 'integer':
    case 'year':
    case 'decimal':
    case 'bits':
    case 'date':
    case 'time':
    case 'interval':
      return name;
    case 'timestamp':
      return type.zoned ? `(${name} at time zone 'UTC')` : name;
    case 'real':
      return doubleSql(`${name}::float8`);
    case 'double':
      return doubleSql(name);
    case 'text':
    case 'uuid':
    case 'enum':
    case 'set':
    case 'json':
      return `${name}::text`;
    case 'bytes':
      return `encode(${name}, 'hex')`;
    case 'inet':
      // Unlike a cast to text it leaves out the mask of a single address, and shows that of a network.
      return `abbrev(${name})`;
    case 'unsupported':
      assert(false, `no row of the column ${source.name} is moved`);
  }
}

/**
 * Shortest digits as MySQL spells them: plain for 1e-15 and more, where PostgreSQL turns to an exponent below 1e-4;
 * with an exponent from 1e15, as PostgreSQL does, but without its plus sign.
 */
function doubleSql(double: string): string {
  const size = `abs(${double})`;
  return (
    `case when ${size} < 1e15 and ${size} >= 1e-4 then ${double}::text` +
    ` when ${size} < 1e-4 and ${size} >= 1e-15 then ${double}::text::numeric::text` +
    ` else replace(${double}::text, 'e+', 'e') end`
  );
}
