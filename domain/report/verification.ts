import { count, counted } from '../format';
import { html, type Html } from './html';
import type { ReportData } from './reportData';
import { totalsOf } from './totals';

/** How source and target were compared, in words, and what came of it. */
export function verification(data: ReportData): Html {
  const { verify, freeze } = data.input;
  const totals = totalsOf(data.tables);
  const ran = data.phases.some(({ name }) => name === 'verify');
  const allowed = verify.allowedRowDifference;
  return html`<section>
    <h2>Verification</h2>
    <p>${method(data)}</p>
    <p>
      ${freeze === 'none' ? 'The source was not frozen by the migration: whoever ran it had to stop the writes.' : 'Both sides stand still while they are compared: the source is read-only, and the target not live yet.'}
      ${
        allowed === 0
          ? 'A single row that is missing, extra or different sends the cutover back.'
          : `Up to ${counted(allowed, 'row')} of each table may be missing, extra or different; more sends the cutover back.`
      }
    </p>
    ${
      ran
        ? html`<p>
            <strong>${counted(totals.verifiedRows, 'row')}</strong> of ${count(totals.sourceRows)} were compared in
            ${counted(totals.tables, 'table')}, and
            <strong>${count(totals.mismatches)}</strong> ${totals.mismatches === 1 ? 'differs' : 'differ'}.${
              totals.mismatches === 0
                ? null
                : html` They are named in <code>temporal_migrate.verified</code> on the target.`
            }
          </p> `
        : html`<p>It has not run.</p> `
    }
  </section> `;
}

function method({ input: { verify } }: ReportData): string {
  const independent =
    'Each server spells every value of a row in SQL of its own and hashes the row with SHA-256; no code is shared with the copy. ' +
    'Where hashes differ, the rows are read and compared column by column.';
  switch (verify.mode) {
    case 'full':
      return `Mode full: the numbers of rows of every table, and every column of every row. ${independent}`;
    case 'sample':
      return `Mode sample: the numbers of rows of every table, and every column of about ${verify.samplePercent} % of the rows, chosen by chance. ${independent}`;
    case 'counts':
      return 'Mode counts: the numbers of rows of every table, and nothing of their values.';
  }
}
