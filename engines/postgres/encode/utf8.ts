import { isUtf8 } from 'node:buffer';
import type { ValuePolicies } from '../../../domain/plan';
import { RejectedValue } from '../../engine';
import { byteAt } from '../copyBuffer';

export type NulPolicy = ValuePolicies['nulCharacters'];

/** Writes the text in `bytes[start, end)` as UTF-8 to `out[at…)`, for which there is room; answers where it ended. */
export type WriteUtf8 = (out: Buffer, at: number, bytes: Buffer, start: number, end: number) => number;

/** Up to this many bytes a loop that copies and checks at once is quicker than native calls. */
const LOOP_BYTES = 96;

export function invalidText(charset: string): RejectedValue {
  return new RejectedValue(`the text is not valid in its character set ${charset}`);
}

export function nulCharacter(): RejectedValue {
  return new RejectedValue('the text holds the character NUL, which PostgreSQL cannot store');
}

/** Text that is UTF-8 already: checked, and copied as it is. */
export function utf8Writer(nul: NulPolicy): WriteUtf8 {
  return (out, at, bytes, start, end) => {
    const length = end - start;
    if (length > LOOP_BYTES) {
      const cell = bytes.subarray(start, end);
      if (hasNul(cell, nul)) return copyWithoutNul(out, at, cell);
      out.set(cell, at);
      return at + length;
    }
    let seen = 0;
    let nuls = 0;
    for (let index = 0; index < length; index++) {
      const byte = byteAt(bytes, start + index);
      out[at + index] = byte;
      seen |= byte;
      // Only a zero borrows from the ninth bit.
      nuls |= byte - 1;
    }
    if (seen > 0x7f && !isUtf8(bytes.subarray(start, end))) throw invalidText('utf8mb4');
    if (nuls >= 0) return at + length;
    if (nul === 'reject') throw nulCharacter();
    return copyWithoutNul(out, at, bytes.subarray(start, end));
  };
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

/** Writes one character; answers where it ended. */
export function writeCodePoint(out: Buffer, at: number, code: number): number {
  if (code < 0x80) {
    out[at] = code;
    return at + 1;
  }
  if (code < 0x800) {
    out[at] = 0xc0 | (code >> 6);
    out[at + 1] = 0x80 | (code & 0x3f);
    return at + 2;
  }
  if (code < 0x10000) {
    out[at] = 0xe0 | (code >> 12);
    out[at + 1] = 0x80 | ((code >> 6) & 0x3f);
    out[at + 2] = 0x80 | (code & 0x3f);
    return at + 3;
  }
  out[at] = 0xf0 | (code >> 18);
  out[at + 1] = 0x80 | ((code >> 12) & 0x3f);
  out[at + 2] = 0x80 | ((code >> 6) & 0x3f);
  out[at + 3] = 0x80 | (code & 0x3f);
  return at + 4;
}

/** How many characters a valid UTF-8 text has: its bytes that continue none. */
export function countCharacters(bytes: Buffer, start: number, end: number): number {
  let characters = 0;
  for (let at = start; at < end; at++) if ((byteAt(bytes, at) & 0xc0) !== 0x80) characters++;
  return characters;
}
