import { count, timeSpan } from '../format';
import { dataTable } from './dataTable';
import { html, type Html } from './html';
import type { ReportData } from './reportData';
import { MAX_LISTED, notListed } from './tables';

/** What was tried in a scratch schema before anything real was made; nothing where no trial was run. */
export function trial({ trial: tried, reportPath }: ReportData): Html {
  if (tried === null) return html``;
  const { percent, tables, untriedTables, rates, whyNoRates } = tried;
  const sorted = [...tables].sort(
    (a, b) => b.rows + b.pulledRows - (a.rows + a.pulledRows) || (a.name < b.name ? -1 : 1),
  );
  const number = (title: string) => ({ title, number: true });
  return html`<section>
    <h2>Trial</h2>
    <p>
      About ${percent} % of the rows were copied to a scratch schema, with the rows they refer to, built, compared with
      the source as of one moment, and
      removed.${untriedTables === 0 ? null : html` ${count(untriedTables)} tables were not tried.`}
    </p>
    ${dataTable({
      caption: 'What was tried',
      columns: [
        { title: 'Table' },
        ...['Rows sampled', 'Pulled in by references', 'Of', 'Compared equal', 'Mismatches', 'Rejected'].map(number),
        ...['Copy', 'Keys and indexes', 'Verification'].map(number),
      ],
      rows: sorted
        .slice(0, MAX_LISTED)
        .map((table) => [
          table.name,
          ...[table.rows, table.pulledRows, table.sourceRows].map(count),
          ...[table.verifiedRows, table.mismatches, table.rejectedRows].map(count),
          ...[table.copyMs, table.buildMs, table.verifyMs].map(timeSpan),
        ]),
      more: notListed(tables.length, 'tables', reportPath),
    })}
    <p>
      ${
        rates === null
          ? `The estimate rests on the benchmarks, because ${whyNoRates ?? 'nothing was measured'}.`
          : `Extrapolated to all rows: copy ${count(rates.copy.rowsPerSecond)} rows/s, keys and indexes ` +
            `${count(rates.buildTarget.rowsPerSecond)} rows/s, verification ${count(rates.verify.rowsPerSecond)} rows/s, ` +
            `to within ${Math.round(rates.error * 100)} %.`
      }
    </p>
  </section> `;
}
