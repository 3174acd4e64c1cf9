import { MigrationError } from '../../../domain/errors';
import type { PlannedTable } from '../../../domain/plan';
import type { Column } from '../../../domain/catalog';
import type { CellFormat } from '../../engine';

/**
 * How the cells of a PostgreSQL table's planned columns come, in plan order, by the canonical type of the PostgreSQL
 * column. PostgreSQL has values that no format has a form for. Their cells are PostgreSQL's own text, for the target to
 * refuse by name: `NaN`, `Infinity` and `-Infinity` of numbers, `infinity` and `-infinity` of dates, timestamps and
 * intervals, years beyond 9999 and ` BC` behind a date, an interval with months or years, an array that is no set of
 * labels (with NULL, an empty label, a comma in a label, or more than one dimension).
 */
export function cellFormats(table: PlannedTable): CellFormat[] {
  return table.columns.map(({ source }) => cellFormat(table, source));
}

function cellFormat(table: PlannedTable, { name, type, declaredType }: Column): CellFormat {
  switch (type.kind) {
    // A boolean is 1 or 0.
    case 'boolean':
    case 'integer':
    case 'year':
      return { kind: 'integer' };
    // A real is spelled as the double that it equals.
    case 'real':
    case 'double':
      return { kind: 'double' };
    case 'bits':
      return { kind: 'bits', length: type.length };
    case 'enum':
      return { kind: 'enum', labels: type.labels };
    // A set is a text[], which comes as its labels with commas between them.
    case 'text':
    case 'set':
      return { kind: 'text', charset: 'utf8mb4' };
    // Days are 24 hours, as PostgreSQL compares them.
    case 'interval':
      return { kind: 'time' };
    // A timestamp with a time zone is spelled in UTC, without saying so.
    case 'timestamp':
    case 'decimal':
    case 'bytes':
    case 'json':
    case 'date':
    case 'time':
    case 'uuid':
    case 'inet':
      return { kind: type.kind };
    case 'unsupported':
      throw new MigrationError(
        'INTERNAL',
        `a column of type ${declaredType} was planned: ${table.source.name}.${name}`,
      );
  }
}
