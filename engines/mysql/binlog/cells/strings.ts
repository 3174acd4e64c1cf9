import { inflateRawSync, inflateSync } from 'node:zlib';
import type { CellReader } from './cellReader';

/** A length of `prefix` bytes, then so many bytes. */
export function bytesReader(prefix: number): CellReader {
  return (row) => {
    row.take(row.uint(prefix));
  };
}

/** BINARY(n): the log leaves out zeros at the end, a SELECT does not. */
export function paddedReader(prefix: number, length: number): CellReader {
  return (row) => {
    const stored = row.uint(prefix);
    if (stored === length) {
      row.take(stored);
      return;
    }
    row.ensure(length);
    row.beginText();
    row.bytes.copyWithin(row.to, row.at, row.at + stored);
    row.bytes.fill(0, row.to + stored, row.to + length);
    row.at += stored;
    row.to += length;
    row.endText();
  };
}

/** So many bytes without a length. */
export function fixedReader(length: number): CellReader {
  return (row) => {
    row.take(length);
  };
}

const COMMA = Buffer.from(',');

/** A SET: a bit for each label, which a SELECT prints in the order of the list. */
export function setReader(width: number, labels: readonly Buffer[], comma: Buffer = COMMA): CellReader {
  return (row) => {
    const low = row.uint(Math.min(width, 4));
    const high = width > 4 ? row.uint(width - 4) : 0;
    row.beginText();
    let isFirst = true;
    for (const [place, label] of labels.entries()) {
      if (((place < 32 ? low >>> place : high >>> (place - 32)) & 1) === 0) continue;
      row.ensure(label.length + comma.length);
      if (!isFirst) row.putBytes(comma);
      row.putBytes(label);
      isFirst = false;
    }
    row.endText();
  };
}

/** What a byte in front of a compressed value says: deflated, without zlib's header, and how many bytes tell the size. */
const DEFLATED = 0x80;
const IS_RAW = 0x08;

/** MariaDB's COMPRESSED columns. (MariaDB: sql/field_comp.cc) */
export function compressedReader(prefix: number): CellReader {
  return (row) => {
    const length = row.uint(prefix);
    if (length === 0) {
      row.take(0);
      return;
    }
    const stored = row.bytes.subarray(row.at, row.at + length);
    row.at += length;
    const method = stored[0] as number;
    if (!(method & DEFLATED)) {
      row.start = row.at - length + 1;
      row.end = row.at;
      return;
    }
    const sizeBytes = method & 7;
    const size = stored.readUIntBE(1, sizeBytes);
    const inflate = method & IS_RAW ? inflateRawSync : inflateSync;
    const value = inflate(stored.subarray(1 + sizeBytes), { maxOutputLength: size });
    row.ensure(value.length);
    row.beginText();
    row.putBytes(value);
    row.endText();
  };
}
