import type { Column } from '../../domain/catalog';
import { MigrationError } from '../../domain/errors';
import type { PlannedTable } from '../../domain/plan';
import type { CellFormat } from '../engine';
import { quoteName } from './quote';

/** How the cells of each planned column come from `selectList`, in plan order. */
export function cellFormats(table: PlannedTable): CellFormat[] {
  return table.columns.map(({ source }) => cellFormat(table, source));
}

/** What to select so that each cell comes exact, in the text protocol and each text in its own character set. */
export function selectList(table: PlannedTable): string {
  return table.columns.map(({ source }) => cellExpression(source)).join(', ');
}

function cellFormat(table: PlannedTable, { name, type, charset, declaredType }: Column): CellFormat {
  switch (type.kind) {
    case 'integer':
    case 'year':
      return { kind: 'integer' };
    case 'real':
    case 'double':
      return { kind: 'double' };
    case 'bits':
      return { kind: 'bits', length: type.length };
    case 'enum':
      return { kind: 'enum', labels: type.labels, ...(type.unread ? { unread: type.unread } : {}) };
    case 'text':
    case 'set':
      return { kind: 'text', charset: charset ?? 'binary' };
    case 'interval':
      return { kind: 'time' };
    case 'decimal':
    case 'bytes':
    case 'json':
    case 'date':
    case 'timestamp':
    case 'time':
    case 'uuid':
    case 'inet':
      return { kind: type.kind };
    case 'boolean':
    case 'unsupported':
      throw new MigrationError(
        'INTERNAL',
        `a column of type ${declaredType} was planned: ${table.source.name}.${name}`,
      );
  }
}

/** The driver reads a column's name in the column's own character set, and fails at those it does not know. */
const UNKNOWN_TO_DRIVER: ReadonlySet<string> = new Set(['dec8', 'eucjpms', 'geostd8', 'hp8', 'keybcs2', 'swe7']);

function cellExpression({ name, type, declaredType, charset }: Column): string {
  const column = quoteName(name);
  // Both a label that is empty and the error value print as an empty text; their numbers differ.
  if (type.kind === 'enum') return `${column} + 0`;
  // The same bytes, without their character set.
  if (charset !== null && UNKNOWN_TO_DRIVER.has(charset)) return `CAST(${column} AS BINARY)`;
  // A FLOAT prints six digits, and one with (M,D) prints D decimals; the double it equals prints all that matter.
  if (type.kind === 'real') return `${column} * 1e0`;
  if (type.kind === 'double' && /[(z]/.test(declaredType)) return `${column} * 1e0`;
  // ZEROFILL is about printing: the value has no leading zeros.
  if (declaredType.includes('zerofill')) return `${column} + 0`;
  return column;
}
