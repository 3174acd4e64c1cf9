import { RejectedValue } from '../../engine';
import { byteAt, type CopyBuffer } from '../copyBuffer';
import { malformed, small, type CellEncoder } from './encoder';

/** Where the 16 bytes begin in the 36-character form. */
const PLACES = [0, 2, 4, 6, 9, 11, 14, 16, 19, 21, 24, 26, 28, 30, 32, 34];
const HYPHENS = [8, 13, 18, 23];
const HYPHEN = 0x2d;

/** The value of each hexadecimal digit by its character code; 16 and more for all other codes. */
const HEX = Uint8Array.from({ length: 256 }, (_, code) => {
  const value = Number.parseInt(String.fromCharCode(code), 16);
  return Number.isNaN(value) ? 0x80 : value;
});

/** uuid (or bytea, which looks the same on the wire): the 16 bytes of a 36-character UUID. */
export const uuidFromText: CellEncoder = small(20, (out, { bytes }, start, end) => {
  if (end - start !== 36 || HYPHENS.some((place) => byteAt(bytes, start + place) !== HYPHEN)) throw malformed('a UUID');
  const { view, at } = out;
  view.setInt32(at, 16);
  for (let index = 0; index < 16; index++) {
    const place = start + (PLACES[index] as number);
    const high = HEX[byteAt(bytes, place)] as number;
    const low = HEX[byteAt(bytes, place + 1)] as number;
    if ((high | low) >= 0x80) throw malformed('a UUID');
    out.bytes[at + 4 + index] = (high << 4) | low;
  }
  out.at = at + 20;
});

/** The bytes of a uuid as they are. */
export const uuidFromBytes: CellEncoder = small(20, (out, { bytes }, start, end) => {
  if (end - start !== 16) throw new RejectedValue(`a UUID has 16 bytes, and the value has ${end - start}`);
  writeSixteen(out, bytes, start);
});

function writeSixteen(out: CopyBuffer, bytes: Buffer, start: number): void {
  out.view.setInt32(out.at, 16);
  bytes.copy(out.bytes, out.at + 4, start, start + 16);
  out.at += 20;
}
