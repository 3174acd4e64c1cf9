import { refused, type WriteValue } from './writeValue';

const SPACE = 0x20;

/** The server brings it into the column's character set, or refuses what that does not have. */
export const text: WriteValue = (out, bytes, start, end) => out.quoted(bytes, start, end);

/** CHAR forgets spaces at the end, without a word. */
export const char: WriteValue = (out, bytes, start, end) => {
  if (end > start && bytes[end - 1] === SPACE) {
    throw refused(bytes.toString('utf8', start, end), 'ends with a space, which CHAR does not keep');
  }
  out.quoted(bytes, start, end);
};

/** Bytes as they are; without the word in front the server would take them for text. */
export const binary: WriteValue = (out, bytes, start, end) => {
  out.text('_binary');
  out.quoted(bytes, start, end);
};

/** BINARY fills up what is shorter with zero bytes. */
export function fixedBinary(length: number): WriteValue {
  return (out, bytes, start, end) => {
    if (end - start !== length) {
      throw refused(
        bytes.toString('hex', start, end),
        `has ${end - start} bytes, which BINARY(${length}) would fill up`,
      );
    }
    binary(out, bytes, start, end);
  };
}

/** The 36 characters of a uuid as its 16 bytes. */
export const binaryUuid: WriteValue = (out, bytes, start, end) => {
  out.text(`X'${bytes.toString('latin1', start, end).replaceAll('-', '')}'`);
};
