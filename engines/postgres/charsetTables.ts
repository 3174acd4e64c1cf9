import { brotliDecompressSync } from 'node:zlib';
import { byteAt } from './copyBuffer';
import { CHARSET_DATA } from './charsetData';

/** Code points by code; 0 where the set has no character. Their order is the order in the packed data. */
export const SINGLE_BYTE: readonly string[] =
  `armscii8 ascii cp1250 cp1251 cp1256 cp1257 cp850 cp852 cp866 dec8 geostd8 greek hebrew hp8 keybcs2 koi8r koi8u
   latin1 latin2 latin5 latin7 macce macroman swe7 tis620`.split(/\s+/);
export const MULTI_BYTE: readonly string[] = 'gbk gb18030 gb2312 cp932 sjis eucjpms ujis big5 euckr'.split(' ');
/** Those of them that also have characters of three bytes. */
export const TRIPLES: readonly string[] = ['eucjpms', 'ujis'];
/** Pairs with a lead byte from 0x80 and any second byte. */
export const PAIRS = 128 * 256;

/** Code points by single byte, where a character is one. */
export type SingleByteTable = Uint16Array;

export interface MultiByteTable {
  readonly single: Uint16Array;
  /** By `(lead & 0x7f) << 8 | second`. */
  readonly pairs: Uint16Array;
  /** By the second and third byte likewise, after a first one of 0x8f. */
  readonly triples: Uint16Array | null;
  /** The character of the four bytes at a place, or 0. */
  readonly quads: ((bytes: Buffer, at: number) => number) | null;
}

let loaded: ReadonlyMap<string, SingleByteTable | MultiByteTable> | null = null;

/** The table of a character set, exactly as MySQL maps it (the data come from a server); null for a set without one. */
export function loadTable(charset: string): SingleByteTable | MultiByteTable | null {
  loaded ??= unpack();
  return loaded.get(charset) ?? null;
}

function unpack(): Map<string, SingleByteTable | MultiByteTable> {
  const codes = readCodes();
  let at = 0;
  const take = (length: number) => codes.subarray(at, (at += length));
  const tables = new Map<string, SingleByteTable | MultiByteTable>();
  for (const charset of SINGLE_BYTE) tables.set(charset, take(256));
  for (const charset of MULTI_BYTE) {
    const single = take(256);
    const pairs = take(PAIRS);
    const triples = TRIPLES.includes(charset) ? take(PAIRS) : null;
    tables.set(charset, { single, pairs, triples, quads: charset === 'gb18030' ? quadReader(pairs) : null });
  }
  return tables;
}

/** The code point at a place of a table; apart from byteAt, so that either sees one kind of array and stays quick. */
export function codeIn(table: Uint16Array, at: number): number {
  return table[at] as number;
}

/** Undoes what scripts/charsetTables.ts packed. */
function readCodes(): Uint16Array {
  const bytes = brotliDecompressSync(Buffer.from(CHARSET_DATA, 'base64'));
  const codes = new Uint16Array(bytes.length / 2);
  let last = 0;
  for (let index = 0; index < codes.length; index++) {
    const difference = bytes.readUInt16LE(index * 2);
    if (difference === 0) continue;
    last = (last + difference) & 0xffff;
    codes[index] = last;
  }
  return codes;
}

/** Where GB18030's four-byte codes of the planes beyond the first begin. */
const SUPPLEMENTARY = 189_000;

/**
 * GB18030's four-byte codes number, in order, the characters of the first plane that no pair has, and then those of
 * the other planes. One pair, of 1E3F, was E7C7's in the first edition: that character keeps its place.
 */
function quadReader(pairs: Uint16Array): (bytes: Buffer, at: number) => number {
  const inPairs = new Set(pairs);
  const codes: number[] = [];
  for (let code = 0x80; code < 0x10000; code++) {
    if (code === 0x1e3f) codes.push(0xe7c7);
    else if (code !== 0xe7c7 && !inPairs.has(code) && (code < 0xd800 || code > 0xdfff)) codes.push(code);
  }
  return (bytes, at) => {
    const a = byteAt(bytes, at) - 0x81;
    const b = byteAt(bytes, at + 1) - 0x30;
    const c = byteAt(bytes, at + 2) - 0x81;
    const d = byteAt(bytes, at + 3) - 0x30;
    if (a >>> 0 > 125 || b >>> 0 > 9 || c >>> 0 > 125 || d >>> 0 > 9) return 0;
    const place = ((a * 10 + b) * 126 + c) * 10 + d;
    if (place < SUPPLEMENTARY) return codes[place] ?? 0;
    const code = place - SUPPLEMENTARY + 0x10000;
    return code > 0x10ffff ? 0 : code;
  };
}
