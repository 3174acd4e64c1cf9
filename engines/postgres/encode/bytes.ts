import { RejectedValue } from '../../engine';

import type { CellEncoder } from './encoder';

/** The most bytes PostgreSQL's fields hold, less its own length word (MaxAllocSize in memutils.h). */
export const MAX_FIELD_BYTES = 0x3fffffff - 4;

export function checkFieldSize(size: number): void {
  if (size > MAX_FIELD_BYTES) throw new RejectedValue('the value is larger than the 1 GB a field holds');
}

/** Below this many bytes a loop is quicker than the call of a native copy. */
const LOOP_BYTES = 32;

/** bytea: the bytes as they are. */
export const byteaFromBytes: CellEncoder = {
  encode(out, bytes, start, end) {
    const length = end - start;
    out.view.setInt32(out.at, length);
    const at = out.at + 4;
    if (length < LOOP_BYTES) {
      const target = out.bytes;
      for (let index = 0; index < length; index++) target[at + index] = bytes[start + index] as number;
    } else {
      bytes.copy(out.bytes, at, start, end);
    }
    out.at = at + length;
  },
  fixed: 4,
  perByte: 1,
  pieces(bytes, start, end) {
    checkFieldSize(end - start);
    return [bytes.subarray(start, end)];
  },
};
