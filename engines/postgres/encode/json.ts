import { UTF8_SLACK, type Charset } from '../charset';
import { byteAt, type CopyBuffer } from '../copyBuffer';
import { checkFieldSize } from './bytes';
import type { CellEncoder } from './encoder';
import { wholeText } from './text';
import { HIGH_BITS, nulCharacter, type NulPolicy } from './utf8';

const JSONB_VERSION = 1;
const VERSION_PREFIX = Buffer.of(JSONB_VERSION);
const BACKSLASH = 0x5c;
const FOUR_BACKSLASHES = 0x5c5c5c5c;
const NUL_ESCAPE = Buffer.from('\\u0000', 'latin1');

/**
 * jsonb from JSON text: a version byte, then the text, which the server reads without loss of digits (jsonb_recv in
 * jsonb.c). The escape of NUL is refused or stripped, because jsonb's strings are PostgreSQL text.
 */
export function jsonbFromJson(charset: Charset, nul: NulPolicy): CellEncoder {
  const { write } = charset;
  return {
    encode(out, row, start, end) {
      const field = out.at;
      out.bytes[field + 4] = JSONB_VERSION;
      const from = field + 5;
      out.at = from;
      write(out, row, start, end);
      if (mayHoldNul(out, from, out.at)) {
        out.at = from + stripNulEscapes(out.bytes.subarray(from, out.at), nul);
      }
      out.view.setInt32(field, out.at - field - 4);
    },
    fixed: 5 + UTF8_SLACK,
    perByte: charset.perByte,
    pieces(row, start, end) {
      const text = wholeText(charset, nul, row, start, end);
      // Stripping writes into the text, which may be the source's own memory.
      const clean = text.includes(NUL_ESCAPE) ? Buffer.from(text) : text;
      const size = clean === text ? text.length : stripNulEscapes(clean, nul);
      checkFieldSize(size + 1);
      return [VERSION_PREFIX, clean.subarray(0, size)];
    },
  };
}

/** Escapes are rare in JSON: a quick look for any backslash, and the exact search only where there is one. */
function mayHoldNul(out: CopyBuffer, start: number, end: number): boolean {
  let at = start;
  for (; at < end - 3; at += 4) {
    // Where a byte is a backslash the difference has a zero byte, and the lowest of those borrows from its high bit.
    const difference = out.view.getInt32(at) ^ FOUR_BACKSLASHES;
    if (((difference - 0x01010101) & ~difference & HIGH_BITS) !== 0) break;
  }
  for (; at < end; at++) {
    if (byteAt(out.bytes, at) === BACKSLASH) return out.bytes.subarray(at, end).includes(NUL_ESCAPE);
  }
  return false;
}

/**
 * Takes the escapes of NUL out of JSON text, in place, and answers its new length. A backslash that is itself escaped
 * begins none: `\\u0000` is a backslash and the text u0000.
 */
function stripNulEscapes(json: Buffer, nul: NulPolicy): number {
  let to = 0;
  for (let at = 0; at < json.length; at++) {
    if (byteAt(json, at) === BACKSLASH) {
      if (json.subarray(at, at + NUL_ESCAPE.length).equals(NUL_ESCAPE)) {
        if (nul === 'reject') throw nulCharacter();
        at += NUL_ESCAPE.length - 1;
        continue;
      }
      json[to++] = byteAt(json, at++);
    }
    json[to++] = byteAt(json, at);
  }
  return to;
}
