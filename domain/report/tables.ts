import { byteSize, count } from '../format';
import type { TableResult } from '../result';
import { dataTable } from './dataTable';
import { html, type Content, type Html } from './html';
import type { ReportData } from './reportData';

/** A page that lists more is slow to open; the JSON beside it has them all. */
export const MAX_LISTED = 1_000;

/** Every table with its rows on both sides; those with mismatches first, then the largest. */
export function tables({ tables: all, stage, reportPath }: ReportData): Html {
  const moved = stage === 'acceptance' || stage === 'accepted' || stage === 'rolledBack';
  const sorted = [...all].sort(
    (a, b) => b.mismatches - a.mismatches || b.bytes - a.bytes || (a.name < b.name ? -1 : 1),
  );
  return html`<section>
    <h2>Tables</h2>
    ${dataTable({
      caption: moved ? 'Rows when they were verified, and what the comparison said' : 'What is to be moved',
      columns: [
        { title: 'Table' },
        { title: 'On the target' },
        { title: 'Source rows', number: true },
        ...(moved
          ? [
              { title: 'Target rows', number: true },
              { title: 'Verified', number: true },
              { title: 'Mismatches', number: true },
            ]
          : []),
        { title: 'Size', number: true },
      ],
      rows: sorted
        .slice(0, MAX_LISTED)
        .map((table) => [
          table.name,
          [table.targetName, renamed(table)],
          count(table.sourceRows),
          ...(moved ? [count(table.targetRows), count(table.verifiedRows), mismatches(table)] : []),
          byteSize(table.bytes),
        ]),
      more: notListed(all.length, 'tables', reportPath),
    })}
  </section> `;
}

function mismatches({ mismatches: found }: TableResult): Content {
  return found === 0 ? '0' : html`<strong class="bad">${count(found)}</strong>`;
}

function renamed({ columns }: TableResult): Content {
  const names = Object.entries(columns);
  if (names.length === 0) return null;
  return html`<br /><small>${names.map(([from, to]) => `${from} → ${to}`).join(', ')}</small>`;
}

/** Says how many of a list do not stand on the page; null when all do. */
export function notListed(length: number, what: string, reportPath: string | null): string | null {
  if (length <= MAX_LISTED) return null;
  const where = reportPath === null ? 'the query `report` has more' : `all of them are in ${reportPath}`;
  return `${count(length - MAX_LISTED)} more ${what} are not listed here: ${where}.`;
}
