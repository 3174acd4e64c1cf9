import type { RowMemory } from './rowMemory';

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const FIRST_PLAIN = 0x20;
/** A control character becomes `\u00xx` at the most. */
const LONGEST_ESCAPE = 6;

/** What MySQL writes for a character; all others stand as they are. (MySQL: json_dom.cc, double_quote) */
const ESCAPES: ReadonlyMap<number, string> = new Map([
  ...Array.from({ length: FIRST_PLAIN }, (_, code): [number, string] => [
    code,
    `\\u${code.toString(16).padStart(4, '0')}`,
  ]),
  [0x08, '\\b'],
  [0x09, '\\t'],
  [0x0a, '\\n'],
  [0x0c, '\\f'],
  [0x0d, '\\r'],
  [QUOTE, '\\"'],
  [BACKSLASH, '\\\\'],
]);

/** Writes bytes of the row, which are UTF-8, as a quoted string. */
export function putJsonString(row: RowMemory, start: number, end: number): void {
  row.ensure((end - start) * LONGEST_ESCAPE + 2);
  const { bytes } = row;
  bytes[row.to++] = QUOTE;
  for (let at = start; at < end; at++) {
    const byte = bytes[at] as number;
    if (byte >= FIRST_PLAIN && byte !== QUOTE && byte !== BACKSLASH) bytes[row.to++] = byte;
    else row.putAscii(ESCAPES.get(byte) ?? '');
  }
  bytes[row.to++] = QUOTE;
}
