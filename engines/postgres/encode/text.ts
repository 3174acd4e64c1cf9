import { RejectedValue } from '../../engine';
import { UTF8_SLACK, type Charset } from '../charset';
import { CopyBuffer, byteAt, type RowBytes } from '../copyBuffer';
import { checkFieldSize } from './bytes';
import type { CellEncoder } from './encoder';
import { checkedUtf8, countCharacters, type NulPolicy } from './utf8';

/**
 * Text as UTF-8. `maxLength` is the column's limit in characters, or null: the server would cut off spaces beyond it
 * without a word.
 */
export function textFromText(charset: Charset, maxLength: number | null, nul: NulPolicy): CellEncoder {
  const { write } = charset;
  return {
    encode(out, row, start, end) {
      const from = out.at + 4;
      out.at = from;
      write(out, row, start, end);
      const size = out.at - from;
      if (maxLength !== null && size > maxLength) checkLength(out.bytes, from, out.at, maxLength);
      out.view.setInt32(from - 4, size);
    },
    fixed: 4 + UTF8_SLACK,
    perByte: charset.perByte,
    pieces(row, start, end) {
      const utf8 = wholeText(charset, nul, row, start, end);
      checkFieldSize(utf8.length);
      if (maxLength !== null) checkLength(utf8, 0, utf8.length, maxLength);
      return [utf8];
    },
  };
}

/** A text of any size as UTF-8: in its own memory where that is possible. */
export function wholeText(charset: Charset, nul: NulPolicy, row: RowBytes, start: number, end: number): Buffer {
  return charset.isUtf8 ? checkedUtf8(row.bytes.subarray(start, end), nul) : convertWhole(charset, row, start, end);
}

/** Memory that is allocated and never written costs nothing, so the longest result is allowed for. */
function convertWhole({ perByte, write }: Charset, row: RowBytes, start: number, end: number): Buffer {
  const out = new CopyBuffer((end - start) * perByte + UTF8_SLACK);
  write(out, row, start, end);
  return out.bytes.subarray(0, out.at);
}

export function checkLength(utf8: Buffer, start: number, end: number, maxLength: number): void {
  if (countCharacters(utf8, start, end) > maxLength) {
    throw new RejectedValue(`the text is longer than ${maxLength} characters`);
  }
}

/** ASCII that the source formats itself (numbers, dates …) as text. */
export function textFromAscii(ascii: CellEncoder, maxLength: number | null): CellEncoder {
  return {
    ...ascii,
    encode(out, row, start, end) {
      if (maxLength !== null && end - start > maxLength) {
        throw new RejectedValue(`the text is longer than ${maxLength} characters`);
      }
      ascii.encode(out, row, start, end);
    },
  };
}

const COMMA = 0x2c;
const TEXT_OID = 25;
/** So many different sets of members are remembered as ready fields; a column rarely has more. */
const REMEMBERED = 1_000;

/**
 * A set as text[] (array_send in arrayfuncs.c: dimensions, whether there are NULLs, the element type, then length and
 * lower bound of the one dimension, then each element with its length); the empty set has no dimension.
 */
export function arrayFromSet(charset: Charset, labels: readonly string[]): CellEncoder {
  const known = new Set(labels);
  const remembered = new Map<string, Buffer>();
  return {
    encode(out, row, start, end) {
      const raw = row.bytes.toString('latin1', start, end);
      let field = remembered.get(raw);
      if (field === undefined) {
        field = arrayField(members(convertWhole(charset, row, start, end), known));
        if (remembered.size < REMEMBERED) remembered.set(raw, field);
      }
      writeReady(out, field);
    },
    fixed: 24 + 4 * labels.length,
    perByte: charset.perByte,
    pieces: null,
  };
}

function writeReady(out: CopyBuffer, field: Buffer): void {
  out.bytes.set(field, out.at);
  out.at += field.length;
}

function members(utf8: Buffer, known: ReadonlySet<string>): Buffer[] {
  const found: Buffer[] = [];
  for (let from = 0, at = 0; utf8.length > 0 && at <= utf8.length; at++) {
    if (at < utf8.length && byteAt(utf8, at) !== COMMA) continue;
    const member = utf8.subarray(from, at);
    if (!known.has(member.toString('utf8'))) throw new RejectedValue('the set holds a member its type does not list');
    found.push(member);
    from = at + 1;
  }
  return found;
}

function arrayField(elements: readonly Buffer[]): Buffer {
  const words = (...values: number[]) => {
    const bytes = Buffer.alloc(values.length * 4);
    values.forEach((value, index) => bytes.writeInt32BE(value, index * 4));
    return bytes;
  };
  const dimension = elements.length === 0 ? [] : [words(elements.length, 1)];
  const content = Buffer.concat([
    words(dimension.length, 0, TEXT_OID),
    ...dimension,
    ...elements.flatMap((element) => [words(element.length), element]),
  ]);
  return Buffer.concat([words(content.length), content]);
}
