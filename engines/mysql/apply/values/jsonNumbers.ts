/** How many digits MySQL's DECIMAL has at most, and how many of them behind the point. */
const MAX_DIGITS = 65;
const MAX_SCALE = 30;

const PARTS = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([-+]?\d+))?$/;

/**
 * What of MySQL's JSON is the number that is spelled so: an integer or a double, which its text becomes; a DECIMAL, which
 * no text becomes by itself; or nothing.
 */
export function jsonNumber(spelled: string): 'integer' | 'double' | 'decimal' | 'none' {
  const [match, , whole = '', fraction, exponent] = PARTS.exec(spelled) ?? [];
  if (match === undefined) return 'none';
  if (fraction === undefined && exponent === undefined && isInteger(BigInt(spelled))) return 'integer';
  // Zeros at the end are a decimal's: a double has only the one behind its point.
  const isPadded = fraction !== undefined && fraction.length > 1 && fraction.endsWith('0');
  const double = Number(spelled);
  if (!isPadded && Number.isFinite(double) && reduce(String(double)) === reduce(spelled)) return 'double';
  const digits = whole.replace(/^0+/, '').length + (fraction?.length ?? 0);
  const isDecimal = exponent === undefined && digits <= MAX_DIGITS && (fraction?.length ?? 0) <= MAX_SCALE;
  return isDecimal ? 'decimal' : 'none';
}

/** Integers are kept in 64 bits, with a sign or without. */
function isInteger(value: bigint): boolean {
  return value >= -(2n ** 63n) && value < 2n ** 64n;
}

/** One spelling for each decimal number: its digits, and how many zeros are behind them or places before. */
function reduce(spelled: string): string {
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = PARTS.exec(spelled) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  const bare = digits.replace(/0+$/, '');
  if (bare === '') return '0';
  return `${sign}${bare}e${Number(exponent) - fraction.length + digits.length - bare.length}`;
}
