/** The first byte of a cell that tells NULL, or that the length follows in 2, 3 or 8 bytes. */
const NULL = 0xfb;
const TWO_BYTES = 0xfc;
const THREE_BYTES = 0xfd;

/**
 * Finds the cells of a text-protocol row: `cells` gets start and end (exclusive) of each of `columns`, a start of -1
 * being NULL. Answers where the last one ends; an answer beyond `end` means that the row goes on there, at the least.
 * (MySQL protocol: ProtocolText::ResultsetRow, length-encoded strings.)
 */
export function findCells(bytes: Buffer, start: number, end: number, columns: number, cells: Int32Array): number {
  let at = start;
  for (let cell = 0; cell < columns * 2; cell += 2) {
    // Nothing of this cell is here yet; its own length byte is, at the least, still to come.
    if (at >= end) return at + 1;
    let length = bytes[at++] as number;
    if (length === NULL) {
      cells[cell] = -1;
      cells[cell + 1] = -1;
      continue;
    }
    if (length > NULL) {
      const width = length === TWO_BYTES ? 2 : length === THREE_BYTES ? 3 : 8;
      if (at + width > end) return at + width;
      length = readLength(bytes, at, width);
      at += width;
    }
    cells[cell] = at;
    at += length;
    cells[cell + 1] = at;
  }
  return at;
}

function readLength(bytes: Buffer, at: number, width: number): number {
  if (width === 2) return bytes.readUInt16LE(at);
  if (width === 3) return bytes.readUIntLE(at, 3);
  return bytes.readUInt32LE(at) + bytes.readUInt32LE(at + 4) * 2 ** 32;
}
