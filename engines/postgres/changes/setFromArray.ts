import type { RowText } from './rowText';

const QUOTE = 0x22;
const COMMA = 0x2c;
const BACKSLASH = 0x5c;
const OPEN = 0x7b;
const CLOSE = 0x7d;

/**
 * A text[] as its labels with commas between them. An array that this would not tell from another one (see cellFormats)
 * stays as it is. Two passes: nothing is changed before it is known that all of it can be.
 */
export function setFromArray(row: RowText): void {
  if (!isListOfLabels(row)) return;
  const { bytes, cellStart, cellEnd } = row;
  let to = cellStart;
  for (let from = cellStart + 1; from < cellEnd - 1; from++) {
    const byte = bytes[from] as number;
    if (byte === QUOTE) continue;
    if (byte === BACKSLASH) from++;
    bytes[to++] = bytes[from] as number;
  }
  row.cellEnd = to;
}

/** Manual, "Array Input and Output Syntax": what holds a comma, a quote, a brace or a backslash is quoted. */
function isListOfLabels({ bytes, cellStart, cellEnd }: RowText): boolean {
  if (bytes[cellStart] !== OPEN || bytes[cellEnd - 1] !== CLOSE) return false;
  let quoted = false;
  let labelStart = cellStart + 1;
  for (let at = cellStart + 1; at < cellEnd - 1; at++) {
    const byte = bytes[at] as number;
    if (byte === QUOTE) {
      // Nothing between two quotes: an empty label, which a joined text would not show.
      if (!quoted && bytes[at + 1] === QUOTE) return false;
      quoted = !quoted;
    } else if (byte === BACKSLASH) at++;
    else if (byte === OPEN && !quoted) return false;
    else if (byte === COMMA) {
      if (quoted || isNull(bytes, labelStart, at)) return false;
      labelStart = at + 1;
    }
  }
  return !isNull(bytes, labelStart, cellEnd - 1);
}

/** The word without quotes; a label of that name has them. */
function isNull(bytes: Buffer, start: number, end: number): boolean {
  return end - start === 4 && bytes.toString('latin1', start, end) === 'NULL';
}
