import { RejectedValue, type CellFormat } from '../../engine';
import { writeNull } from '../copyBuffer';
import { malformed, small, type CellEncoder } from './encoder';
import { parseInteger } from './integers';
import { checkLength } from './text';
import { checkedUtf8, type NulPolicy } from './utf8';

export interface EnumPolicies {
  readonly invalidEnums: 'reject' | 'null';
  readonly nulCharacters: NulPolicy;
}

/**
 * The label that a number stands for (enum_recv in enum.c takes it as text), as a ready field once it was met; number 0
 * is the error value. `maxLength` is the column's limit in characters where it is text, or null.
 */
export function textFromEnum(
  { labels, unread = [] }: Pick<Extract<CellFormat, { kind: 'enum' }>, 'labels' | 'unread'>,
  maxLength: number | null,
  { invalidEnums, nulCharacters }: EnumPolicies,
): CellEncoder {
  const fields = new Array<Buffer | undefined>(labels.length);
  const fieldOf = (label: string): Buffer => {
    const utf8 = checkedUtf8(Buffer.from(label), nulCharacters);
    if (maxLength !== null) checkLength(utf8, 0, utf8.length, maxLength);
    const size = Buffer.alloc(4);
    size.writeInt32BE(utf8.length);
    return Buffer.concat([size, utf8]);
  };
  const longest = Math.max(0, ...labels.map((label) => Buffer.byteLength(label)));
  return small(4 + longest, (out, { bytes }, start, end) => {
    const number = parseInteger(bytes, start, end);
    if (number === 0) {
      if (invalidEnums === 'reject')
        throw new RejectedValue('the enum holds its error value, which is no label (index 0)');
      writeNull(out);
      return;
    }
    const label = labels[number - 1];
    if (label === undefined) throw malformed(`the number of one of ${labels.length} labels`);
    if (unread.includes(number)) throw new RejectedValue(unreadLabel(number, label));
    const field = (fields[number - 1] ??= fieldOf(label));
    field.copy(out.bytes, out.at);
    out.at += field.length;
  });
}

function unreadLabel(number: number, label: string): string {
  return (
    `the source shows label ${number} of the enum as "${label}", where "?" may stand for another character, and no row had ` +
    'it when the migration was planned: start a new one, now that a row has it'
  );
}
