import { hashForm, INLINED_BYTES } from '../../../domain/canonicalText';
import type { PlannedColumn, PlannedTable } from '../../../domain/plan';
import { quoteName } from '../quote';
import { canonicalSql } from './canonicalSql';

/** The SHA-256 over a row's hashed columns (see HashForm), as hex. */
export function rowHashSql({ columns }: PlannedTable): string {
  const fields: string[] = [];
  const lengths: string[] = [];
  for (const column of columns) {
    switch (hashForm(column)) {
      case 'plain':
        fields.push(canonicalSql(column));
        break;
      case 'measured':
        fields.push(canonicalSql(column));
        lengths.push(measureSql(column));
        break;
      case 'inlined':
        fields.push(inlineSql(column));
        lengths.push(measureSql(column));
        break;
      case 'digested':
        fields.push(digestSql(column));
        break;
      case 'unhashed':
        break;
    }
  }
  return sha256Sql(utf8Sql(joinSql([...fields, ...lengths])));
}

/** The hash over a row's key, which says the bucket it belongs to. */
export function keyHashSql(columns: readonly PlannedColumn[]): string {
  return sha256Sql(utf8Sql(`concat_ws('|', ${columns.map((column) => canonicalSql(column)).join(', ')})`));
}

/** The SHA-256 of a column's canonical text; of bytes, that of the bytes themselves. */
export function digestSql(column: PlannedColumn): string {
  return sha256Sql(contentSql(column));
}

/** The bytes that a digest and a length are taken of: large bytes are not spelt out for it. */
export function contentSql(column: PlannedColumn): string {
  return column.type.kind === 'bytes' ? quoteName(column.targetName) : utf8Sql(canonicalSql(column));
}

/** The first 60 bits of a hash as a number, to be summed. */
export function hashNumberSql(hash: string): string {
  return `('x' || left(${hash}, 15))::bit(60)::int8`;
}

/** The bucket of a row, by bits of its hash that the sum does not take. */
export function bucketSql(hash: string, bucketCount: number): string {
  return `(('x' || substr(${hash}, 16, 12))::bit(48)::int8 % ${bucketCount})`;
}

function inlineSql(column: PlannedColumn): string {
  const text = canonicalSql(column);
  return `case when ${measureSql(column)} > ${INLINED_BYTES} then ${digestSql(column)} else ${text} end`;
}

function measureSql(column: PlannedColumn): string {
  // Hex is twice as long as its bytes, which know their length.
  return column.type.kind === 'bytes'
    ? `octet_length(${quoteName(column.targetName)}) * 2`
    : `octet_length(${canonicalSql(column)})`;
}

function sha256Sql(bytes: string): string {
  return `encode(sha256(${bytes}), 'hex')`;
}

function utf8Sql(text: string): string {
  return `convert_to(${text}, 'UTF8')`;
}

/** A function takes at most 100 arguments (FUNC_MAX_ARGS); every other one here is a separator. */
const FIELDS_PER_CALL = 40;

/** The fields with `|` between them; concat leaves NULL out, which is an empty field. */
function joinSql(fields: readonly string[]): string {
  if (fields.length === 0) return `''`;
  if (fields.length <= FIELDS_PER_CALL) return `concat(${fields.join(", '|', ")})`;
  const calls: string[] = [];
  for (let at = 0; at < fields.length; at += FIELDS_PER_CALL) {
    calls.push(joinSql(fields.slice(at, at + FIELDS_PER_CALL)));
  }
  return joinSql(calls);
}
