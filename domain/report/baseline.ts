import type { ColumnFacts } from '../catalog';
import { count } from '../format';
import { dataTable } from './dataTable';
import { html, type Html } from './html';
import type { ReportData, TableBaseline } from './reportData';
import { MAX_LISTED, notListed } from './tables';

/** What the source held before anything was moved: the numbers to hold the target against. */
export function baseline({ baseline: tables, reportPath }: ReportData): Html {
  if (tables.length === 0) return html``;
  const sorted = [...tables].sort((a, b) => b.rows - a.rows || (a.table < b.table ? -1 : 1));
  return html`<section>
    <h2>Baseline</h2>
    <p>
      Counted on the source by the assessment, while the application went on working. The numbers that were compared are
      those under <em>Tables</em>; they were read under the freeze.
    </p>
    ${dataTable({
      caption: 'The source before the migration',
      columns: [{ title: 'Table' }, { title: 'Rows', number: true }, { title: 'What the values are like' }],
      rows: sorted.slice(0, MAX_LISTED).map((table) => [table.table, count(table.rows), facts(table).join('; ')]),
      more: notListed(tables.length, 'tables', reportPath),
    })}
  </section> `;
}

function facts({ columns, orphans }: TableBaseline): string[] {
  return [
    ...Object.entries(columns).flatMap(([name, found]) => columnFacts(found).map((fact) => `${name}: ${fact}`)),
    ...Object.entries(orphans).map(([key, rows]) => `${key}: ${count(rows)} rows refer to nothing`),
  ];
}

function columnFacts({ min, max, zeroDates, nulCharacters, invalidEnums }: ColumnFacts): string[] {
  const some = (rows: number | undefined, what: string): string[] =>
    rows === undefined || rows === 0 ? [] : [`${count(rows)} ${what}`];
  return [
    ...(typeof min === 'string' && typeof max === 'string' ? [`${min} to ${max}`] : []),
    ...some(zeroDates, 'zero dates'),
    ...some(nulCharacters, 'texts with NUL'),
    ...some(invalidEnums, 'invalid enum values'),
  ];
}
