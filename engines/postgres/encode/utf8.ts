import { isUtf8 } from 'node:buffer';
import type { ValuePolicies } from '../../../domain/plan';
import { RejectedValue } from '../../engine';
import { byteAt, type CopyBuffer, type RowBytes } from '../copyBuffer';

export type NulPolicy = ValuePolicies['nulCharacters'];

/** Writes the text in `row.bytes[start, end)` as UTF-8 at `out.at`, where there is room. */
export type WriteUtf8 = (out: CopyBuffer, row: RowBytes, start: number, end: number) => void;

/** Up to this many bytes a loop that copies and checks at once is quicker than native calls. */
const LOOP_BYTES = 256;

/** The highest bit of each of four bytes. */
export const HIGH_BITS = 0x80808080;

export function invalidText(charset: string): RejectedValue {
  return new RejectedValue(`the text is not valid in its character set ${charset}`);
}

export function nulCharacter(): RejectedValue {
  return new RejectedValue('the text holds the character NUL, which PostgreSQL cannot store');
}

/** Text that is UTF-8 already: checked, and copied as it is. */
export function utf8Writer(nul: NulPolicy): WriteUtf8 {
  return (out, row, start, end) => {
    if (end - start > LOOP_BYTES) {
      out.at = writeChecked(out.bytes, out.at, row.bytes.subarray(start, end), nul);
      return;
    }
    let to = out.at;
    let from = start;
    let seen = 0;
    let nuls = 0;
    // Four bytes at a time. Of `(v - 1) & ~v` the highest bit of a byte is set when the byte was 0, or above one that was.
    for (; from < end - 3; from += 4, to += 4) {
      const four = row.view.getInt32(from);
      out.view.setInt32(to, four);
      seen |= four;
      nuls |= (four - 0x01010101) & ~four;
    }
    for (; from < end; from++, to++) {
      const byte = byteAt(row.bytes, from);
      out.bytes[to] = byte;
      seen |= byte;
      nuls |= (byte - 1) & ~byte;
    }
    if ((nuls & HIGH_BITS) !== 0) to = writeChecked(out.bytes, out.at, row.bytes.subarray(start, end), nul);
    else if ((seen & HIGH_BITS) !== 0 && !isUtf8(viewOf(row.bytes, start, end))) throw invalidText('utf8mb4');
    out.at = to;
  };
}

/** As subarray, but several times as quick, because it makes no Buffer. */
function viewOf(bytes: Buffer, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start);
}

function writeChecked(out: Buffer, at: number, cell: Buffer, nul: NulPolicy): number {
  if (hasNul(cell, nul)) return copyWithoutNul(out, at, cell);
  out.set(cell, at);
  return at + cell.length;
}

/** A large text that is UTF-8 already, without a copy where nothing is to be stripped. */
export function checkedUtf8(cell: Buffer, nul: NulPolicy): Buffer {
  if (!hasNul(cell, nul)) return cell;
  const stripped = Buffer.allocUnsafe(cell.length);
  return stripped.subarray(0, copyWithoutNul(stripped, 0, cell));
}

/** True when the text holds a NUL that is to be stripped; throws on one that is not, and on what is no UTF-8. */
function hasNul(cell: Buffer, nul: NulPolicy): boolean {
  if (!isUtf8(cell)) throw invalidText('utf8mb4');
  if (!cell.includes(0)) return false;
  if (nul === 'reject') throw nulCharacter();
  return true;
}

function copyWithoutNul(out: Buffer, at: number, cell: Buffer): number {
  for (const byte of cell) if (byte !== 0) out[at++] = byte;
  return at;
}

/** Writes one character. */
export function writeCodePoint(out: CopyBuffer, code: number): void {
  const { bytes, at } = out;
  if (code < 0x80) {
    bytes[at] = code;
    out.at = at + 1;
  } else if (code < 0x800) {
    bytes[at] = 0xc0 | (code >> 6);
    bytes[at + 1] = 0x80 | (code & 0x3f);
    out.at = at + 2;
  } else if (code < 0x10000) {
    bytes[at] = 0xe0 | (code >> 12);
    bytes[at + 1] = 0x80 | ((code >> 6) & 0x3f);
    bytes[at + 2] = 0x80 | (code & 0x3f);
    out.at = at + 3;
  } else {
    bytes[at] = 0xf0 | (code >> 18);
    bytes[at + 1] = 0x80 | ((code >> 12) & 0x3f);
    bytes[at + 2] = 0x80 | ((code >> 6) & 0x3f);
    bytes[at + 3] = 0x80 | (code & 0x3f);
    out.at = at + 4;
  }
}

/** How many characters a valid UTF-8 text has: its bytes that continue none. */
export function countCharacters(bytes: Buffer, start: number, end: number): number {
  let characters = 0;
  for (let at = start; at < end; at++) if ((byteAt(bytes, at) & 0xc0) !== 0x80) characters++;
  return characters;
}
