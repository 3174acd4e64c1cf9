import { refused, type WriteValue } from './writeValue';

const DOT = 0x2e;
const ZERO = 0x30;
const EXPONENT = 0x65;

const NUMBER = /^-?\d+(?:\.\d+)?(?:e[-+]?\d+)?$/;

/** A literal of digits, which the server reads exactly. `scale` is how many decimals the column keeps. */
export function decimal(scale: number): WriteValue {
  return (out, bytes, start, end) => {
    let fraction = 0;
    for (let at = end - 1; at >= start; at--) {
      const byte = bytes[at] as number;
      if (fraction === 0 && byte === ZERO) continue;
      if (byte === DOT) {
        checkFraction(bytes, start, end, fraction, scale);
        break;
      }
      fraction++;
    }
    checkNumber(bytes, start, end);
    out.copy(bytes, start, end);
  };
}

function checkFraction(bytes: Buffer, start: number, end: number, fraction: number, scale: number): void {
  if (fraction <= scale) return;
  const kept = scale === 0 ? 'none' : `${scale}`;
  throw refused(bytes.toString('latin1', start, end), `has ${fraction} decimals, of which the source keeps ${kept}`);
}

/** PostgreSQL's NaN and Infinity begin with a letter, or with one behind a sign. */
function checkNumber(bytes: Buffer, start: number, end: number): void {
  const last = bytes[end - 1] as number;
  if (last >= ZERO && last <= ZERO + 9) return;
  throw refused(bytes.toString('latin1', start, end), 'is no number of the source');
}

export const integer: WriteValue = decimal(0);

/** MySQL reads numbers from 1 to 99 as years of this century and the last. */
export const year: WriteValue = (out, bytes, start, end) => {
  const text = bytes.toString('latin1', start, end);
  const number = Number(text);
  if (number !== 0 && !(number >= 1901 && number <= 2155)) throw refused(text, 'is no year of the source');
  integer(out, bytes, start, end);
};

/** With an exponent, by which the server tells a double from a decimal; both it and PostgreSQL read them exactly. */
export function double(fits: (value: number) => boolean): WriteValue {
  return (out, bytes, start, end) => {
    const text = bytes.toString('latin1', start, end);
    if (!NUMBER.test(text)) throw refused(text, 'is no number of the source');
    if (!fits(Number(text))) throw refused(text, 'would be rounded by the source');
    out.copy(bytes, start, end);
    if (!text.includes('e')) {
      out.byte(EXPONENT);
      out.byte(ZERO);
    }
  };
}

/** Whether a float column, or a double one, holds a number as it is; with (M,D) the server rounds to D decimals. */
export function fitsFloat(isSingle: boolean, declaredType: string): (value: number) => boolean {
  const store = isSingle ? Math.fround : (value: number): number => value;
  const decimals = /\(\d+,(\d+)\)/.exec(declaredType)?.[1];
  if (decimals === undefined) return (value) => store(value) === value;
  return (value) => store(Number(value.toFixed(Number(decimals)))) === value;
}

/** A BIT is a number, whatever its length. */
export const bits: WriteValue = (out, bytes, start, end) => {
  let value = 0n;
  for (let at = start; at < end; at++) value = (value << 8n) | BigInt(bytes[at] as number);
  out.text(String(value));
};
