import type { CellReader } from './cellReader';
import { putUnsigned } from './digits';
import type { RowMemory } from './rowMemory';

const UUID_BYTES = 16;
const HYPHENS_BEFORE: ReadonlySet<number> = new Set([4, 6, 8, 10]);
const DIGITS = '0123456789abcdef';

/** Where each byte of a UUID lies in its stored form, last group first, which makes those of one host lie together. */
const TURNED = [12, 13, 14, 15, 10, 11, 8, 9, 6, 7, 0, 1, 2, 3, 4, 5];

/**
 * MariaDB's UUID. It is stored turned round where it carries a time, which its version and variant tell; in columns made
 * before MariaDB 10.10 always. (MariaDB: plugin/type_uuid/sql_type_uuid.h)
 */
export function uuidReader(prefix: number, alwaysTurned: boolean): CellReader {
  return (row) => {
    const at = loadPadded(row, prefix, UUID_BYTES);
    const { bytes } = row;
    const isTurned = alwaysTurned || isStoredTurned(bytes[at + 6] as number, bytes[at + 8] as number);
    row.beginText();
    for (let index = 0; index < UUID_BYTES; index++) {
      if (HYPHENS_BEFORE.has(index)) row.put(0x2d);
      const byte = bytes[at + (isTurned ? (TURNED[index] as number) : index)] as number;
      row.put(DIGITS.charCodeAt(byte >> 4));
      row.put(DIGITS.charCodeAt(byte & 15));
    }
    row.endText();
  };
}

function isStoredTurned(variant: number, version: number): boolean {
  return (variant & 0x80) !== 0 && version > 0 && version < 0x60;
}

export function inet4Reader(prefix: number): CellReader {
  return (row) => {
    const at = loadPadded(row, prefix, 4);
    row.beginText();
    putInet4(row, at);
    row.endText();
  };
}

function putInet4(row: RowMemory, at: number): void {
  for (let index = 0; index < 4; index++) {
    if (index > 0) row.put(0x2e);
    putUnsigned(row, row.bytes[at + index] as number);
  }
}

/** The longest run of zeros is left out; what ends in an IPv4 address shows it. (MariaDB: sql_type_inet.cc, to_string) */
export function inet6Reader(prefix: number): CellReader {
  return (row) => {
    const at = loadPadded(row, prefix, 16);
    const words = Array.from({ length: 8 }, (_, index) => row.view.getUint16(at + index * 2, false));
    const gap = longestGap(words);
    const isMapped = gap.start === 0 && (gap.length === 6 || (gap.length === 5 && words[5] === 0xffff));
    row.beginText();
    for (let index = 0; index < 8; index++) {
      if (index >= gap.start && index < gap.start + gap.length) {
        if (index === gap.start) row.put(0x3a);
        if (index === 7) row.put(0x3a);
        continue;
      }
      if (index > 0) row.put(0x3a);
      if (isMapped && index === 6) {
        putInet4(row, at + 12);
        break;
      }
      row.putAscii((words[index] as number).toString(16));
    }
    row.endText();
  };
}

/** The first of the longest runs of zero words, be it one word. */
function longestGap(words: readonly number[]): { start: number; length: number } {
  let best = { start: -1, length: 0 };
  for (let start = 0; start < words.length; start++) {
    let length = 0;
    while (words[start + length] === 0) length++;
    if (length > best.length) best = { start, length };
    start += length;
  }
  return best;
}

/** Copies the cell, whose zeros at the end the log leaves out, to where texts are written; answers where it is. */
function loadPadded(row: RowMemory, prefix: number, length: number): number {
  const stored = row.uint(prefix);
  const at = row.to;
  row.bytes.copyWithin(at, row.at, row.at + stored);
  row.bytes.fill(0, at + stored, at + length);
  row.at += stored;
  row.to += length;
  return at;
}
