import type { Charset } from '../charset';
import { byteAt } from '../copyBuffer';
import { checkFieldSize } from './bytes';
import type { CellEncoder } from './encoder';
import { checkedUtf8, nulCharacter, type NulPolicy } from './utf8';

const JSONB_VERSION = 1;
const VERSION_PREFIX = Buffer.of(JSONB_VERSION);
const BACKSLASH = 0x5c;
const NUL_ESCAPE = Buffer.from('\\u0000', 'latin1');

/**
 * jsonb from JSON text: a version byte, then the text, which the server reads without loss of digits (jsonb_recv in
 * jsonb.c). The escape of NUL is refused or stripped, because jsonb's strings are PostgreSQL text.
 */
export function jsonbFromJson(charset: Charset, nul: NulPolicy): CellEncoder {
  const { write } = charset;
  return {
    encode(out, bytes, start, end) {
      const from = out.at + 5;
      out.bytes[out.at + 4] = JSONB_VERSION;
      let to = write(out.bytes, from, bytes, start, end);
      if (mayHoldNul(out.bytes, from, to)) to = from + stripNulEscapes(out.bytes.subarray(from, to), nul);
      out.view.setInt32(out.at, to - out.at - 4);
      out.at = to;
    },
    fixed: 5,
    perByte: charset.perByte,
    pieces(bytes, start, end) {
      const text = textPiece(charset, nul, bytes, start, end);
      // Stripping writes into the text, which may be the source's own memory.
      const clean = text.includes(NUL_ESCAPE) ? Buffer.from(text) : text;
      const size = clean === text ? text.length : stripNulEscapes(clean, nul);
      checkFieldSize(size + 1);
      return [VERSION_PREFIX, clean.subarray(0, size)];
    },
  };
}

function textPiece(charset: Charset, nul: NulPolicy, bytes: Buffer, start: number, end: number): Buffer {
  if (charset.isUtf8) return checkedUtf8(bytes.subarray(start, end), nul);
  const utf8 = Buffer.allocUnsafeSlow((end - start) * charset.perByte);
  return utf8.subarray(0, charset.write(utf8, 0, bytes, start, end));
}

/** Escapes are rare in JSON: one loop for a backslash, and the exact search only behind one. */
function mayHoldNul(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at++) {
    if (byteAt(bytes, at) === BACKSLASH) return bytes.subarray(at, end).includes(NUL_ESCAPE);
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
