const TWO_BYTES = 0xfc;
const THREE_BYTES = 0xfd;
const EIGHT_BYTES = 0xfe;

/** A length as the protocol packs it into 1, 3, 4 or 9 bytes, and where it ends. */
export function readLength(bytes: Buffer, at: number): { length: number; behind: number } {
  const first = bytes[at] as number;
  if (first === TWO_BYTES) return { length: bytes.readUInt16LE(at + 1), behind: at + 3 };
  if (first === THREE_BYTES) return { length: bytes.readUIntLE(at + 1, 3), behind: at + 4 };
  if (first === EIGHT_BYTES) return { length: Number(bytes.readBigUInt64LE(at + 1)), behind: at + 9 };
  return { length: first, behind: at + 1 };
}
