import { inflateSync } from 'node:zlib';
import { EVENT, type EventHeader } from './header';
import { asUnreadable } from './layout';

/** MariaDB's compressed events (log_bin_compress), and what each is when it is inflated. */
const PLAIN_TYPES: Readonly<Record<number, number>> = {
  [EVENT.queryCompressed]: EVENT.query,
  [EVENT.writeRowsCompressedV1]: EVENT.writeRowsV1,
  [EVENT.updateRowsCompressedV1]: EVENT.updateRowsV1,
  [EVENT.deleteRowsCompressedV1]: EVENT.deleteRowsV1,
  [EVENT.writeRowsCompressed]: EVENT.writeRows,
  [EVENT.updateRowsCompressed]: EVENT.updateRows,
  [EVENT.deleteRowsCompressed]: EVENT.deleteRows,
};

/** An event as it was before it was compressed; null when it is none of those. (MariaDB: binlog_buf_uncompress) */
export function inflateEvent(
  header: EventHeader,
  bytes: Buffer,
  start: number,
  end: number,
): { header: EventHeader; bytes: Buffer } | null {
  const type = PLAIN_TYPES[header.type];
  if (type === undefined) return null;
  const at = compressedAt(header.type, bytes, start);
  const sizeBytes = (bytes[at] as number) & 7;
  const size = bytes.readUIntBE(at + 1, sizeBytes);
  const body = inflate(bytes.subarray(at + 1 + sizeBytes, end), size);
  return { header: { ...header, type }, bytes: Buffer.concat([bytes.subarray(start, at), body]) };
}

function inflate(bytes: Buffer, size: number): Buffer {
  try {
    return inflateSync(bytes, { maxOutputLength: size });
  } catch (error) {
    throw asUnreadable(error, 'the log', 'holds a compressed event that cannot be inflated');
  }
}

/** What stands in front stays as it is: of a statement all but its text, of rows all but the rows. */
function compressedAt(type: number, bytes: Buffer, start: number): number {
  if (type === EVENT.queryCompressed) {
    return start + 13 + bytes.readUInt16LE(start + 11) + (bytes[start + 8] as number) + 1;
  }
  const hasExtra = type >= EVENT.writeRowsCompressed;
  let at = start + 8;
  if (hasExtra) at += bytes.readUInt16LE(at);
  const count = bytes[at] as number;
  const columns = count < 0xfb ? count : bytes.readUInt16LE(at + 1);
  at += count < 0xfb ? 1 : 3;
  const isUpdate = type === EVENT.updateRowsCompressedV1 || type === EVENT.updateRowsCompressed;
  return at + ((columns + 7) >> 3) * (isUpdate ? 2 : 1);
}
