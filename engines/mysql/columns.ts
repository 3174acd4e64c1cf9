import type { CanonicalType } from '../../domain/canonicalType';
import type { Column, ColumnDefault } from '../../domain/catalog';
import { readDefault } from './defaults';
import { readEscapedExpression } from './literals';
import type { Labels } from './labels';
import type { Session } from './session';
import { canonicalType } from './types';

const COLUMNS = {
  table: 'TABLE_NAME',
  name: 'COLUMN_NAME',
  dataType: 'LOWER(DATA_TYPE)',
  columnType: 'COLUMN_TYPE',
  nullable: 'IS_NULLABLE',
  default: 'COLUMN_DEFAULT',
  extra: 'EXTRA',
  expression: 'GENERATION_EXPRESSION',
  length: 'CHARACTER_MAXIMUM_LENGTH',
  precision: 'NUMERIC_PRECISION',
  scale: 'NUMERIC_SCALE',
  fraction: 'DATETIME_PRECISION',
  charset: 'CHARACTER_SET_NAME',
  collation: 'COLLATION_NAME',
  comment: 'COLUMN_COMMENT',
} as const;

export type RawColumn = Record<keyof typeof COLUMNS, string | null>;

/** Every column of the database, in order within its table. Invisible columns are columns. */
export async function readRawColumns(session: Session): Promise<RawColumn[]> {
  const from = 'FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME, ORDINAL_POSITION';
  return session.select(COLUMNS, from);
}

/** What a column's row alone cannot tell. */
export interface ColumnContext {
  /** The next value of the table's counter, where there is one. */
  readonly counter: string | null;
  /** MariaDB's json: a text with the check that this type stands for. */
  readonly isJson: boolean;
  /** The default that the server itself was asked for, where `needsExactDefault` wants that. */
  readonly exactDefault: ColumnDefault | null;
  /** The labels read from the rows, where `needsExactLabels` wants that. */
  readonly labels: Labels | null;
}

export function toColumn(session: Session, raw: RawColumn, context: ColumnContext): Column {
  const type = typeOf(raw, context);
  const extra = raw.extra ?? '';
  const generation = /\b(VIRTUAL|STORED|PERSISTENT) GENERATED\b/i.exec(extra);
  const found = generation === null ? readDefault({ text: raw.default, extra, type }, session.server.flavour) : null;
  return {
    name: raw.name ?? '',
    declaredType: declaredType(raw),
    type,
    nullable: raw.nullable === 'YES',
    default: found === 'exact' ? context.exactDefault : found,
    identity: /\bauto_increment\b/i.test(extra) ? { next: context.counter ?? '1' } : null,
    generated:
      generation === null
        ? null
        : { expression: expressionOf(session, raw), stored: generation[1]?.toUpperCase() !== 'VIRTUAL' },
    updatesItself: /on update current_timestamp/i.test(extra),
    comment: raw.comment ?? '',
    charset: raw.charset,
    collation: raw.collation,
  };
}

/** COLUMN_TYPE without MariaDB's remark that the column is compressed. */
function declaredType({ columnType }: RawColumn): string {
  return (columnType ?? '').replace(/ \/\*M?!\d+ COMPRESSED\*\//, '');
}

function typeOf(raw: RawColumn, { isJson, labels }: Pick<ColumnContext, 'isJson' | 'labels'>): CanonicalType {
  if (isJson) return { kind: 'json' };
  const declared = { ...raw, dataType: raw.dataType ?? '', columnType: declaredType(raw) };
  const type = canonicalType(declared);
  if (labels === null || (type.kind !== 'enum' && type.kind !== 'set')) return type;
  const { unread } = labels;
  if (new Set(labels.labels).size === labels.labels.length) {
    return { ...type, labels: labels.labels, ...(unread.length > 0 ? { unread } : {}) };
  }
  return {
    kind: 'unsupported',
    reason:
      'two of its labels hold characters that the server does not tell apart (it prints "?"), and no row has them',
  };
}

function expressionOf({ server }: Session, { expression }: RawColumn): string {
  return server.flavour === 'mysql' ? readEscapedExpression(expression ?? '') : (expression ?? '');
}

/** True when information_schema cannot be trusted with the default's characters. */
export function needsExactDefault(session: Session, raw: RawColumn, isJson: boolean): boolean {
  const type = typeOf(raw, { isJson, labels: null });
  return readDefault({ text: raw.default, extra: raw.extra ?? '', type }, session.server.flavour) === 'exact';
}
