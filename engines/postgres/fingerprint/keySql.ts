import type { KeyRange } from '../../../domain/keys';
import type { PlannedColumn } from '../../../domain/plan';
import { NULL_IN_KEY, type RowKey } from '../../../domain/rowKey';
import { quoteName } from '../quote';
import { isPossible } from './keyValues';

/** Gives a value to the statement and answers the placeholder that stands for it. */
export type Bind = (value: unknown) => string;

/**
 * The condition that a row has one of these keys, given as canonical text. PostgreSQL takes each placeholder to have
 * the type of the column it is compared with, so indexes are used, and no type needs to be named.
 */
export function keysSql(columns: readonly PlannedColumn[], asked: readonly RowKey[], bind: Bind): string {
  const keys = asked.filter((key) => columns.every((column, index) => mayEqual(column, key[index] ?? '')));
  if (keys.length === 0) return 'false';
  const [column, ...others] = columns;
  if (column !== undefined && others.length === 0 && keys.every(([text]) => text !== NULL_IN_KEY)) {
    return `${quoteName(column.targetName)} in (${keys.map(([text = '']) => bind(literalOf(column, text))).join(', ')})`;
  }
  const alternatives = keys.map((key) =>
    columns.map((part, index) => equalSql(part, key[index] ?? '', bind)).join(' and '),
  );
  return alternatives.map((sql) => `(${sql})`).join(' or ');
}

/** The condition that a row's key lies in the range; empty when both ends are open. */
export function rangeSql(columns: readonly PlannedColumn[], { after, upTo }: KeyRange, bind: Bind): string[] {
  const key = `(${columns.map(({ targetName }) => quoteName(targetName)).join(', ')})`;
  const bound = (texts: RowKey): string =>
    `(${columns.map((column, index) => bind(literalOf(column, texts[index] ?? ''))).join(', ')})`;
  return [
    ...(after === null ? [] : [`${key} > ${bound(after)}`]),
    ...(upTo === null ? [] : [`${key} <= ${bound(upTo)}`]),
  ];
}

function mayEqual(column: PlannedColumn, text: string): boolean {
  return text === NULL_IN_KEY || isPossible(column, text);
}

function equalSql(column: PlannedColumn, text: string, bind: Bind): string {
  const name = quoteName(column.targetName);
  return text === NULL_IN_KEY ? `${name} is null` : `${name} = ${bind(literalOf(column, text))}`;
}

/** Canonical text as PostgreSQL reads it as the column's type. */
function literalOf({ type }: PlannedColumn, text: string): string {
  return type.kind === 'bytes' ? `\\x${text}` : text;
}
