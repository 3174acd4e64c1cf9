import type { CanonicalType } from '../../domain/canonicalType';
import type { ColumnDefault } from '../../domain/catalog';
import type { Finding } from '../../domain/finding';
import type { PlannedColumn } from '../../domain/plan';
import { isZeroDate } from '../../domain/planning';
import { bytesDefault, literalDefault } from './literalDefaults';

/** A default in PostgreSQL's SQL; null when the column gets none. */
export interface TranslatedDefault {
  readonly sql: string | null;
  /** Why the source's default is left out; null when it is not, or when the plan has told already. */
  readonly problem: { readonly code: Finding['code']; readonly reason: string } | null;
}

const NONE: TranslatedDefault = { sql: null, problem: null };

/** Translates a column's default and checks that the column can hold it. */
export function translateDefault({ source, type }: PlannedColumn): TranslatedDefault {
  const given = source.default;
  if (given === null || source.identity || source.generated || given.kind === 'expression') return NONE;
  if (given.kind === 'now') {
    const sql = currentTime(type, given.precision);
    if (sql !== null) return { sql, problem: null };
    return {
      sql: null,
      problem: { code: 'DEFAULT_NOT_TRANSLATED', reason: 'the current time is no value of the type' },
    };
  }
  const sql = given.kind === 'bytes' ? bytesDefault(given.hex, type) : literalDefault(given.text, type);
  if (sql !== null) return { sql, problem: null };
  const isZero = given.kind === 'literal' && isZeroDate(given.text);
  const reason = isZero
    ? 'a zero or partial date is no date on the target'
    : 'the value does not fit the type on the target';
  return { sql: null, problem: { code: 'DEFAULT_DROPPED', reason } };
}

/** A default in the source's words, for findings. */
export function describeDefault(given: ColumnDefault): string {
  switch (given.kind) {
    case 'literal':
      return `default '${given.text}'`;
    case 'bytes':
      return `default 0x${given.hex}`;
    case 'now':
      return `default current_timestamp(${given.precision})`;
    case 'expression':
      return `default (${given.sql})`;
  }
}

function currentTime(type: CanonicalType, precision: number): string | null {
  switch (type.kind) {
    case 'timestamp':
      return `CURRENT_TIMESTAMP(${precision})`;
    case 'date':
      return 'CURRENT_DATE';
    case 'time':
      return `LOCALTIME(${precision})`;
    default:
      return null;
  }
}
