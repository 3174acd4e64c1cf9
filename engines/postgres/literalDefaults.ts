import { integerRange, type CanonicalType } from '../../domain/canonicalType';
import { quoteText } from './quote';
import { timeDefault } from './timeDefaults';

/** A default given as bytes, padded with zeros as the source pads what it stores; null when the type has no such value. */
export function bytesDefault(hex: string, type: CanonicalType): string | null {
  if (type.kind !== 'bytes' || !/^(?:[0-9a-f]{2})*$/iu.test(hex)) return null;
  if (type.length !== null && hex.length > type.length * 2) return null;
  const padded = type.fixed && type.length !== null ? hex.padEnd(type.length * 2, '0') : hex;
  return `'\\x${padded.toLowerCase()}'`;
}

/** A value given in binary digits. */
function bitsDefault(digits: string, type: Extract<CanonicalType, { kind: 'bits' | 'boolean' }>): string | null {
  const significant = digits.replace(/^0+(?=.)/u, '');
  if (!/^[01]+$/u.test(significant)) return null;
  if (type.kind === 'bits')
    return significant.length > type.length ? null : `B'${significant.padStart(type.length, '0')}'`;
  return significant.length > 1 ? null : significant === '1' ? 'true' : 'false';
}

/** A default given as text; null when the type has no such value. */
export function literalDefault(text: string, type: CanonicalType): string | null {
  switch (type.kind) {
    case 'boolean':
    case 'bits':
      // Of bits the source gives the binary digits.
      return bitsDefault(text, type);
    case 'integer':
    case 'year':
    case 'decimal':
    case 'real':
    case 'double':
      return numberDefault(text, type);
    case 'text':
      return fitsText(text, type.length) ? quoteText(text) : null;
    case 'enum':
      return enumDefault(text, type.labels);
    case 'set':
      return setDefault(text, type.labels);
    case 'json':
      return isJson(text) ? quoteText(text) : null;
    case 'date':
    case 'timestamp':
    case 'time':
    case 'interval':
      return timeDefault(text, type);
    case 'uuid':
      return /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/iu.test(text) ? quoteText(text) : null;
    case 'inet':
      return /^[0-9a-f.:]+$/iu.test(text) ? quoteText(text) : null;
    case 'bytes':
    case 'unsupported':
      return null;
  }
}

type NumberType = Extract<CanonicalType, { kind: 'integer' | 'year' | 'decimal' | 'real' | 'double' }>;

function numberDefault(text: string, type: NumberType): string | null {
  switch (type.kind) {
    case 'integer':
    case 'year': {
      if (!/^-?\d+$/u.test(text)) return null;
      const value = BigInt(text);
      const { min, max } = type.kind === 'year' ? { min: 0n, max: 2155n } : integerRange(type);
      return min <= value && value <= max ? value.toString() : null;
    }
    case 'decimal': {
      const [, whole, fraction] = /^-?0*(\d*)(?:\.(\d*?)0*)?$/u.exec(text) ?? [];
      const fits = (whole ?? '').length <= type.precision - type.scale && (fraction ?? '').length <= type.scale;
      return whole !== undefined && /\d/u.test(text) && fits ? text : null;
    }
    case 'real':
    case 'double':
      return /^-?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?$/iu.test(text) && Number.isFinite(Number(text)) ? text : null;
  }
}

function fitsText(text: string, length: number | null): boolean {
  return !text.includes('\0') && (length === null || Array.from(text).length <= length);
}

/** A default may differ from its label in letter case, where the column's collation ignores it. */
function enumDefault(text: string, labels: readonly string[]): string | null {
  const label = findLabel(text, labels);
  return label === undefined ? null : quoteText(label);
}

function setDefault(text: string, labels: readonly string[]): string | null {
  const members = text === '' ? [] : text.split(',').map((member) => findLabel(member, labels));
  if (members.includes(undefined)) return null;
  const inOrder = labels.filter((label) => members.includes(label));
  return `ARRAY[${inOrder.map(quoteText).join(', ')}]::text[]`;
}

function findLabel(text: string, labels: readonly string[]): string | undefined {
  return labels.find((label) => label === text) ?? labels.find((label) => label.toLowerCase() === text.toLowerCase());
}

function isJson(text: string): boolean {
  try {
    return !JSON.stringify(JSON.parse(text)).includes('\\u0000');
  } catch {
    return false;
  }
}
