import { RejectedValue } from '../../engine';
import { appendBytes } from '../copyBuffer';
import type { CellEncoder } from './encoder';

/** The most bytes PostgreSQL's fields hold, less its own length word (MaxAllocSize in memutils.h). */
export const MAX_FIELD_BYTES = 0x3fffffff - 4;

export function checkFieldSize(size: number): void {
  if (size > MAX_FIELD_BYTES) throw new RejectedValue('the value is larger than the 1 GB a field holds');
}

/** bytea: the bytes as they are. */
export const byteaFromBytes: CellEncoder = {
  encode(out, row, start, end) {
    out.view.setInt32(out.at, end - start);
    out.at += 4;
    appendBytes(out, row, start, end);
  },
  fixed: 4,
  perByte: 1,
  pieces({ bytes }, start, end) {
    checkFieldSize(end - start);
    return [bytes.subarray(start, end)];
  },
};
