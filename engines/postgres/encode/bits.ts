import { RejectedValue } from '../../engine';
import { RowBytes, byteAt } from '../copyBuffer';
import { malformed, small, type CellEncoder } from './encoder';
import { writeBoolean } from './integers';

/** bit(n): its length, then the bits left-aligned, where the source's are right-aligned (bit_recv in varbit.c). */
export function bitFromBits(length: number): CellEncoder {
  const size = Math.ceil(length / 8);
  const shift = size * 8 - length;
  return small(8 + size, (out, { bytes }, start, end) => {
    checkSize(start, end, size);
    if (byteAt(bytes, start) >> (8 - shift) !== 0) throw malformed(`bit(${length})`);
    out.view.setInt32(out.at, 4 + size);
    out.view.setInt32(out.at + 4, length);
    let at = out.at + 8;
    for (let index = start; index < end; index++) {
      const next = index + 1 < end ? byteAt(bytes, index + 1) : 0;
      out.bytes[at++] = (byteAt(bytes, index) << shift) | (next >> (8 - shift));
    }
    out.at = at;
  });
}

export const booleanFromBits: CellEncoder = small(5, (out, { bytes }, start, end) => {
  checkSize(start, end, 1);
  writeBoolean(out, byteAt(bytes, start));
});

/** The bits as a number in decimal digits, given to an encoder of integers. */
export function integerFromBits(length: number, integer: CellEncoder): CellEncoder {
  const size = Math.ceil(length / 8);
  const digits = new RowBytes();
  return {
    ...integer,
    encode(out, { bytes }, start, end) {
      checkSize(start, end, size);
      let value = 0n;
      for (let index = start; index < end; index++) value = value * 256n + BigInt(byteAt(bytes, index));
      digits.load(Buffer.from(String(value), 'latin1'));
      integer.encode(out, digits, 0, digits.bytes.length);
    },
    fixed: integer.fixed + integer.perByte * 20,
  };
}

/** The bits as text of zeros and ones. */
export function textFromBits(length: number): CellEncoder {
  const size = Math.ceil(length / 8);
  return small(4 + length, (out, { bytes }, start, end) => {
    checkSize(start, end, size);
    out.view.setInt32(out.at, length);
    for (let bit = 0; bit < length; bit++) {
      const place = size * 8 - length + bit;
      const one = (byteAt(bytes, start + (place >> 3)) >> (7 - (place & 7))) & 1;
      out.bytes[out.at + 4 + bit] = 0x30 + one;
    }
    out.at += 4 + length;
  });
}

function checkSize(start: number, end: number, size: number): void {
  if (end - start !== size) throw new RejectedValue(`the source sent ${end - start} bytes for ${size} bytes of bits`);
}
