import { codeIn, loadTable, type MultiByteTable } from './charsetTables';
import { CopyBuffer, byteAt, type RowBytes } from './copyBuffer';
import {
  HIGH_BITS,
  invalidText,
  nulCharacter,
  utf8Writer,
  writeCodePoint,
  type NulPolicy,
  type WriteUtf8,
} from './encode/utf8';

/** What a writer may need behind the text it writes. */
export const UTF8_SLACK = 3;

/** How text of a character set becomes UTF-8. */
export interface Charset {
  /** One byte becomes at most so many; UTF8_SLACK must be free behind them. */
  readonly perByte: number;
  /** True when the bytes are UTF-8 already. */
  readonly isUtf8: boolean;
  readonly write: WriteUtf8;
}

/** The character set of that name, as MySQL and MariaDB name and map it; null for one not known here: never a guess. */
export function charsetNamed(name: string, nul: NulPolicy): Charset | null {
  switch (name) {
    case 'utf8mb4':
    case 'utf8mb3':
    case 'utf8':
      return { perByte: 1, isUtf8: true, write: utf8Writer(nul) };
    case 'utf16':
    case 'ucs2':
      return converted(2, utf16Writer(name, 0, nul));
    case 'utf16le':
      return converted(2, utf16Writer(name, 1, nul));
    case 'utf32':
      return converted(1, utf32Writer(nul));
    default: {
      const table = loadTable(name);
      if (table === null) return null;
      return converted(
        3,
        table instanceof Uint16Array ? singleByteWriter(name, table, nul) : multiByteWriter(name, table, nul),
      );
    }
  }
}

function converted(perByte: number, write: WriteUtf8): Charset {
  return { perByte, isUtf8: false, write };
}

/**
 * Each byte's UTF-8 is ready, left-aligned in a word that one store writes: up to three bytes behind the character are
 * written too, to be overwritten by the next one.
 */
function singleByteWriter(name: string, codes: Uint16Array, nul: NulPolicy): WriteUtf8 {
  const isAscii = codes.subarray(1, 0x80).every((code, index) => code === index + 1);
  const words = new Int32Array(256);
  const sizes = new Uint8Array(256);
  const word = new CopyBuffer(8);
  codes.forEach((code, byte) => {
    word.at = 0;
    word.view.setInt32(0, 0);
    if (code !== 0) writeCodePoint(word, code);
    words[byte] = word.view.getInt32(0);
    sizes[byte] = word.at;
  });
  return (out, row, start, end) => {
    const from = isAscii ? copyAscii(out, row, start, end) : start;
    let to = out.at;
    for (let index = from; index < end; index++) {
      const byte = byteAt(row.bytes, index);
      const size = sizes[byte] as number;
      if (size === 0) {
        if (byte !== 0) throw invalidText(name);
        if (nul === 'reject') throw nulCharacter();
      }
      out.view.setInt32(to, words[byte] as number);
      to += size;
    }
    out.at = to;
  };
}

/** One, two, three (EUC) and four (GB18030) bytes to a character; those below 0x80 are ASCII in all these sets. */
function multiByteWriter(name: string, table: MultiByteTable, nul: NulPolicy): WriteUtf8 {
  return (out, row, start, end) => {
    const { bytes } = row;
    for (let index = copyAscii(out, row, start, end); index < end; index = copyAscii(out, row, index, end)) {
      const byte = byteAt(bytes, index);
      const alone = codeIn(table.single, byte);
      if (alone !== 0) {
        writeCodePoint(out, alone);
        index++;
      } else if (byte === 0) {
        if (nul === 'reject') throw nulCharacter();
        index++;
      } else {
        const size = sizeAt(table, bytes, index, end);
        if (size === 0) throw invalidText(name);
        writeCodePoint(out, codeAt(table, bytes, index, size));
        index += size;
      }
    }
  };
}

/** Copies ASCII without NUL, four bytes at a time, as far as that goes; answers where the rest begins. */
function copyAscii(out: CopyBuffer, row: RowBytes, start: number, end: number): number {
  let from = start;
  let to = out.at;
  for (; from < end - 3; from += 4, to += 4) {
    const four = row.view.getInt32(from);
    // A byte beyond ASCII has its highest bit, and so has the difference where a byte is 0.
    if (((four | (four - 0x01010101)) & HIGH_BITS) !== 0) break;
    out.view.setInt32(to, four);
  }
  out.at = to;
  return from;
}

/** How many bytes the character of several bytes at `at` has; 0 when there is none. */
function sizeAt(table: MultiByteTable, bytes: Buffer, at: number, end: number): number {
  for (let size = 2; size <= Math.min(4, end - at); size++) if (codeAt(table, bytes, at, size) !== 0) return size;
  return 0;
}

/** The lead byte of a three-byte character in the two EUC sets for Japanese. */
const EUC_TRIPLE = 0x8f;

function codeAt({ pairs, triples, quads }: MultiByteTable, bytes: Buffer, at: number, size: number): number {
  if (size === 4) return quads ? quads(bytes, at) : 0;
  const lead = byteAt(bytes, at + size - 2);
  const place = ((lead & 0x7f) << 8) | byteAt(bytes, at + size - 1);
  if (lead < 0x80) return 0;
  if (size === 2) return codeIn(pairs, place);
  return triples && byteAt(bytes, at) === EUC_TRIPLE ? codeIn(triples, place) : 0;
}

/** `upper` is where the upper byte of a unit lies within its two. */
function utf16Writer(name: string, upper: 0 | 1, nul: NulPolicy): WriteUtf8 {
  const unitAt = (bytes: Buffer, at: number) => (byteAt(bytes, at + upper) << 8) | byteAt(bytes, at + 1 - upper);
  return (out, { bytes }, start, end) => {
    if ((end - start) % 2 !== 0) throw invalidText(name);
    for (let index = start; index < end; index += 2) {
      let code = unitAt(bytes, index);
      if (code >= 0xd800 && code < 0xe000) {
        index += 2;
        const second = index < end ? unitAt(bytes, index) : 0;
        if (name === 'ucs2' || code >= 0xdc00 || second < 0xdc00 || second >= 0xe000) throw invalidText(name);
        code = 0x10000 + ((code - 0xd800) << 10) + (second - 0xdc00);
      }
      if (code !== 0) writeCodePoint(out, code);
      else if (nul === 'reject') throw nulCharacter();
    }
  };
}

function utf32Writer(nul: NulPolicy): WriteUtf8 {
  return (out, { bytes }, start, end) => {
    if ((end - start) % 4 !== 0) throw invalidText('utf32');
    for (let index = start; index < end; index += 4) {
      const code = bytes.readUInt32BE(index);
      if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) throw invalidText('utf32');
      if (code !== 0) writeCodePoint(out, code);
      else if (nul === 'reject') throw nulCharacter();
    }
  };
}
