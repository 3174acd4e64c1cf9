import type { CanonicalType } from '../../domain/canonicalType';
import type { ColumnDefault } from '../../domain/catalog';
import type { Flavour } from './flavour';
import { readEscapedExpression, readLiteral } from './literals';

/** A default as information_schema.COLUMNS has it. */
export interface RawDefault {
  readonly text: string | null;
  /** EXTRA, which marks an expression on MySQL. */
  readonly extra: string;
  readonly type: CanonicalType;
}

/**
 * Reads a default; `exact` asks the server for its bytes, because information_schema cuts binary ones at a zero byte
 * and turns characters beyond the basic plane into question marks.
 */
export function readDefault(raw: RawDefault, flavour: Flavour): ColumnDefault | 'exact' | null {
  return flavour === 'mysql' ? readMysqlDefault(raw) : readMariadbDefault(raw);
}

/** Literals stand unquoted, expressions escaped and marked; before 8.0.13 the current time was not marked. */
function readMysqlDefault({ text, extra, type }: RawDefault): ColumnDefault | 'exact' | null {
  if (text === null) return null;
  const now = readNow(text, type);
  if (now !== null) return now;
  if (!extra.includes('DEFAULT_GENERATED')) return isString(type) ? 'exact' : literal(text, type);
  const sql = readEscapedExpression(text);
  // A TEXT column's default must be written as an expression, so many are a literal with its character set.
  const plain = type.kind === 'text' ? readLiteral(sql.replace(/^_utf8mb[34]/, '')) : null;
  return plain !== null && /^[\x20-\x3e\x40-\x7e]*$/.test(plain)
    ? { kind: 'literal', text: plain }
    : { kind: 'expression', sql };
}

/**
 * Literals stand as SQL writes them, quoted where it quotes them; what is neither is an expression. Since 11 bytes are
 * written in hex.
 */
function readMariadbDefault({ text, type }: RawDefault): ColumnDefault | 'exact' | null {
  if (text === null || text === 'NULL') return null;
  const now = readNow(text, type);
  if (now !== null) return now;
  const hex = /^x'([\da-f]*)'$/i.exec(text)?.[1];
  if (hex !== undefined && type.kind === 'bytes') return { kind: 'bytes', hex: stored(hex.toLowerCase(), type) };
  const quoted = readLiteral(text);
  if (quoted !== null) return isString(type) ? 'exact' : literal(quoted, type);
  return /^(?:-?[\d.]+(?:e[-+]?\d+)?|b'[01]*')$/i.test(text) ? literal(text, type) : { kind: 'expression', sql: text };
}

function readNow(text: string, type: CanonicalType): ColumnDefault | null {
  const match = /^(?:current_timestamp|now)(?:\((\d?)\))?$/i.exec(text);
  return match && type.kind === 'timestamp' ? { kind: 'now', precision: Number(match[1] ?? '') } : null;
}

/** Bits become as many digits as the column has, so that the value needs no knowledge of MySQL's notation. */
function literal(text: string, type: CanonicalType): ColumnDefault {
  const bits = type.kind === 'bits' ? (/^b'([01]*)'$/i.exec(text)?.[1] ?? text).padStart(type.length, '0') : text;
  return { kind: 'literal', text: bits };
}

/** A BINARY column fills its values up with zero bytes. */
function stored(hex: string, { fixed, length }: Extract<CanonicalType, { kind: 'bytes' }>): string {
  return fixed ? hex.padEnd((length ?? 0) * 2, '0') : hex;
}

function isString({ kind }: CanonicalType): boolean {
  return kind === 'text' || kind === 'bytes' || kind === 'enum' || kind === 'set' || kind === 'json';
}
