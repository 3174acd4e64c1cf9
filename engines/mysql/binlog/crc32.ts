import * as zlib from 'node:zlib';

type Crc32 = (bytes: Buffer, start: number, end: number) => number;

/** Node's own, four times as quick, from 20.15 on. */
const native = (zlib as { crc32?: (bytes: Uint8Array) => number }).crc32;

/** The CRC-32 that ends an event (IEEE 802.3, as zlib's). */
export const crc32: Crc32 =
  native === undefined ? crc32ByTable : (bytes, start, end) => native(bytes.subarray(start, end));

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let crc = byte;
  for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ 0xedb88320 : crc >>> 1;
  return crc;
});

/** For a Node that has none. */
export function crc32ByTable(bytes: Buffer, start: number, end: number): number {
  let crc = -1;
  for (let at = start; at < end; at++) {
    crc = (crc >>> 8) ^ (TABLE[(crc ^ (bytes[at] as number)) & 0xff] as number);
  }
  return (crc ^ -1) >>> 0;
}
