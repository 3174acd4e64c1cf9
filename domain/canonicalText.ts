import { interpretInterval, trimFraction } from './canonicalTime';
import { jsonMeaning } from './jsonMeaning';
import type { PlannedColumn } from './plan';

/**
 * Canonical text: how verification spells a value, on either side, without sharing a conversion with the row path. Each
 * engine produces it in SQL of its own from the planned type; the source also applies the column's policies, so that
 * its text is what the target is expected to hold.
 *
 * | planned type    | canonical text                                                                                |
 * | --------------- | --------------------------------------------------------------------------------------------- |
 * | boolean         | `0` or `1`; anything else a source stores keeps its digits, and so differs                     |
 * | integer, year   | digits, a minus in front of negative numbers, no leading zeros                                 |
 * | decimal         | digits with exactly the planned scale, no exponent                                             |
 * | real, double    | the shortest digits that read back as the double meant (a real is the double it stands for)    |
 * | bits            | zeros and ones, as many as the type's length                                                   |
 * | text            | the characters in UTF-8, trailing spaces kept (those that CHAR does not store left out)        |
 * | bytes           | lower-case hex                                                                                 |
 * | enum            | the label                                                                                      |
 * | set             | the labels in definition order as PostgreSQL prints an array of text: `{a,"b c"}`              |
 * | json            | the JSON text as the server prints it                                                          |
 * | date            | `YYYY-MM-DD`                                                                                   |
 * | timestamp       | `YYYY-MM-DD HH:MM:SS[.f]`, the fraction without trailing zeros; an instant in UTC              |
 * | time            | `HH:MM:SS[.f]`                                                                                 |
 * | interval        | `[-]HH:MM:SS[.f]`, hours up to 838                                                             |
 * | uuid            | 36 characters, lower-case                                                                      |
 * | inet            | the address in its shortest usual form; a network keeps its `/bits`                            |
 *
 * Equal text is an equal value. The reverse holds but for few values (a JSON text may be spaced or ordered otherwise);
 * for those `meaningOf` has the last word.
 */

/** Stands in for a cell whose text must not equal any text a target can hold; PostgreSQL stores no NUL. */
export const UNEQUAL = '\0';

/**
 * Beyond so many bytes a digested or unhashed value is read as `UNEQUAL`, its length in bytes, a colon, and the SHA-256
 * of its text (of bytes: of the bytes themselves), so that a worker's memory stays flat.
 */
export const LONG_TEXT_BYTES = 16_384;

/**
 * How a column's canonical text enters the hash over its row. Rows are hashed over the fields of their columns with
 * `|` between them, followed by the byte lengths of the measured fields, so that no two rows give the same bytes:
 * the lengths are read from the end, and then tell where each measured field ends.
 *
 * - `plain`: the text itself, which holds no `|` and is never empty; NULL is an empty field.
 * - `measured`: the text itself, and its length at the end; NULL is an empty field with an empty length.
 * - `inlined`: as measured, but text of more than INLINED_BYTES as its SHA-256 in hex; its length tells which.
 * - `digested`: the SHA-256 of the text as hex; NULL is an empty field.
 * - `unhashed`: nothing. The text says more than the value means, so equal values would rarely give equal hashes; such
 *   a column is read and compared by meaning row by row.
 */
export type HashForm = 'plain' | 'measured' | 'inlined' | 'digested' | 'unhashed';

/** Keeps what is hashed of a row far below any limit of a server, and short text free of a hash of its own. */
export const INLINED_BYTES = 1_000;

export function hashForm({ source, type }: PlannedColumn): HashForm {
  switch (type.kind) {
    case 'json':
      // Only a type made for JSON has one text for one value; JSON kept as text is spaced and ordered as it was written.
      return source.declaredType.toLowerCase() === 'json' ? 'digested' : 'unhashed';
    case 'text':
      if (source.type.kind === 'json') return 'digested';
      return isShort(type.length) && !isLongText(source.type) ? 'measured' : 'inlined';
    case 'bytes':
      return isShort(type.length) ? 'measured' : 'digested';
    case 'enum':
      return type.labels.every((label) => label !== '' && !label.includes('|')) ? 'plain' : 'measured';
    case 'set':
      return 'measured';
    case 'uuid':
      return source.type.kind === 'text' ? 'measured' : 'plain';
    default:
      return 'plain';
  }
}

/** The most characters, or bytes, of a column that is never long: a row of such columns is small. */
const SHORT_LENGTH = 65_535;

function isShort(length: number | null): boolean {
  return length !== null && length <= SHORT_LENGTH;
}

function isLongText(type: PlannedColumn['type']): boolean {
  return type.kind === 'text' && !isShort(type.length);
}

/**
 * A form of a column's canonical text that two texts share exactly when they mean the same value. NULL is no text and
 * equals only itself.
 */
export function meaningOf(column: PlannedColumn, text: string): string {
  if (text.startsWith(UNEQUAL)) return text;
  const { kind } = column.type;
  switch (kind) {
    case 'integer':
    case 'decimal':
      return decimalMeaning(text);
    case 'real':
    case 'double':
      return doubleMeaning(text);
    case 'json':
      return jsonMeaning(text, column.policies.nulCharacters === 'strip');
    case 'timestamp':
    case 'time':
      return trimFraction(text);
    case 'interval':
      return interpretInterval(text);
    default:
      return text;
  }
}

/** Drops what does not change a decimal number: zeros in front and behind, and the sign of zero. */
function decimalMeaning(text: string): string {
  const parts = /^(-?)0*(\d+)(?:\.(\d*?)0*)?$/.exec(text);
  if (parts === null) return text;
  const [, sign = '', whole = '', fraction = ''] = parts;
  const digits = fraction === '' ? whole : `${whole}.${fraction}`;
  return digits === '0' ? digits : sign + digits;
}

/** The same for two texts that read as the same bits; JavaScript reads numbers exactly rounded (ECMA-262, StringToNumber). */
function doubleMeaning(text: string): string {
  if (!/^-?\d/.test(text)) return text;
  const value = Number(text);
  if (Number.isNaN(value)) return text;
  return Object.is(value, -0) ? '-0' : String(value);
}
