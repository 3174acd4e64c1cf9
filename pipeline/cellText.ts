import type { CellFormat } from '../engines/engine';

/** A cell for a person: text as it is where its bytes say so in Unicode, else in hexadecimal; at most so many characters. */
export function cellText(
  cell: CellFormat | undefined,
  bytes: Buffer,
  start: number,
  end: number,
  most: number,
): string {
  if (start < 0) return 'NULL';
  const encoding = encodingOf(cell) ?? 'hex';
  const shown = bytes.toString(encoding, start, Math.min(end, start + most * 4));
  return shown.length > most ? `${shown.slice(0, most)}…` : shown;
}

/**
 * A key cell as canonical text (domain/canonicalText.ts), or close enough for its meaning to be compared; null where
 * only a server could tell.
 */
function canonicalText(cell: CellFormat | undefined, bytes: Buffer, start: number, end: number): string | null {
  if (cell === undefined || start < 0) return null;
  switch (cell.kind) {
    case 'enum':
      return cell.labels[Number(bytes.toString('latin1', start, end)) - 1] ?? null;
    case 'bytes':
      return bytes.toString('hex', start, end);
    case 'bits':
      return bitsText(bytes.subarray(start, end), cell.length);
    default: {
      const encoding = encodingOf(cell);
      const text = encoding === null ? null : bytes.toString(encoding, start, end);
      // Between 0x80 and 0x9f the server's latin1 has characters that ISO 8859-1 has not.
      return encoding === 'latin1' && /[\x80-\x9f]/.test(text ?? '') ? null : text;
    }
  }
}

/** Some cells of a row as canonical text, by their columns' places; null where one of them has none, or there is none. */
export function canonicalCells(
  formats: readonly CellFormat[],
  bytes: Buffer,
  cells: Int32Array,
  places: readonly number[],
): string[] | null {
  const texts = places.map((place) =>
    canonicalText(formats[place], bytes, cells[place * 2] as number, cells[place * 2 + 1] as number),
  );
  const known = texts.filter((text) => text !== null);
  return known.length > 0 && known.length === texts.length ? known : null;
}

function encodingOf(cell: CellFormat | undefined): BufferEncoding | null {
  switch (cell?.kind) {
    case undefined:
    case 'bytes':
    case 'bits':
      return null;
    case 'text':
      if (cell.charset === 'latin1') return 'latin1';
      return /^(utf8(mb[34])?|ascii)$/.test(cell.charset) ? 'utf8' : null;
    default:
      return 'utf8';
  }
}

function bitsText(bytes: Buffer, length: number): string {
  const digits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return digits.padStart(length, '0').slice(-length);
}
