import { hashForm, INLINED_BYTES } from '../../../domain/canonicalText';
import type { PlannedColumn, PlannedTable } from '../../../domain/plan';
import type { Flavour } from '../flavour';
import { quoteName } from '../quote';
import { canonicalSql } from './canonicalSql';

/** The SHA-256 over a row's hashed columns (see HashForm), as hex. */
export function rowHashSql({ columns }: PlannedTable, flavour: Flavour): string {
  const fields: string[] = [];
  const lengths: string[] = [];
  for (const column of columns) {
    const text = canonicalSql(column, flavour);
    switch (hashForm(column)) {
      case 'plain':
        fields.push(orEmpty(column, text));
        break;
      case 'measured':
        fields.push(orEmpty(column, text));
        lengths.push(orEmpty(column, lengthSql(column, text)));
        break;
      case 'inlined':
        fields.push(orEmpty(column, inlineSql(column, text, flavour)));
        lengths.push(orEmpty(column, lengthSql(column, text)));
        break;
      case 'digested':
        fields.push(orDigest(column, digestSql(column, flavour)));
        break;
      case 'unhashed':
        break;
    }
  }
  const parts = [...fields, ...lengths];
  return parts.length === 0 ? "SHA2('', 256)" : `SHA2(CONCAT(${parts.join(", '|', ")}), 256)`;
}

/** The hash over a row's key, which says the bucket it belongs to. */
export function keyHashSql(columns: readonly PlannedColumn[], flavour: Flavour): string {
  return `SHA2(CONCAT_WS('|', ${columns.map((column) => canonicalSql(column, flavour)).join(', ')}), 256)`;
}

/** The SHA-256 of a column's canonical text; of bytes, that of the bytes themselves. */
export function digestSql(column: PlannedColumn, flavour: Flavour): string {
  return `SHA2(${contentSql(column, flavour)}, 256)`;
}

/** What a digest and a length are taken of: large bytes are not spelt out for it. */
export function contentSql(column: PlannedColumn, flavour: Flavour): string {
  return column.type.kind === 'bytes' ? quoteName(column.source.name) : canonicalSql(column, flavour);
}

/** Hex is twice as long as its bytes, which know their length. */
function lengthSql({ source, type }: PlannedColumn, text: string): string {
  return type.kind === 'bytes' ? `LENGTH(${quoteName(source.name)}) * 2` : `LENGTH(${text})`;
}

/** An empty field for NULL. A column that is never NULL does without the test. */
function orEmpty({ source, nullable }: PlannedColumn, sql: string): string {
  return nullable || source.nullable ? `IFNULL(${sql}, '')` : sql;
}

/** Functions give NULL for text beyond max_allowed_packet: that must not look like a NULL that is stored. */
function orDigest({ source }: PlannedColumn, digest: string): string {
  const failed = source.nullable ? `IF(${quoteName(source.name)} IS NULL, '', '?')` : `'?'`;
  return `IFNULL(${digest}, ${failed})`;
}

function inlineSql(column: PlannedColumn, text: string, flavour: Flavour): string {
  return `IF(LENGTH(${text}) > ${INLINED_BYTES}, IFNULL(${digestSql(column, flavour)}, REPEAT('?', 64)), ${text})`;
}

/** The first 60 bits of a hash as an exact number, to be summed. */
export function hashNumberSql(hash: string): string {
  return `CAST(CONV(LEFT(${hash}, 15), 16, 10) AS UNSIGNED)`;
}

/** The bucket of a row, by bits of its hash that the sum does not take. */
export function bucketSql(hash: string, bucketCount: number): string {
  return `(CAST(CONV(SUBSTR(${hash}, 16, 12), 16, 10) AS UNSIGNED) % ${bucketCount})`;
}
