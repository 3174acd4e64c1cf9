import type { Decision } from '../result';
import { dataTable, moment } from './dataTable';
import { html, type Html } from './html';
import type { ReportData } from './reportData';

const WORDS: Readonly<Record<Decision['kind'], string>> = {
  approve: 'Approved the cutover',
  reject: 'Rejected the cutover',
  rollback: 'Asked for the rollback',
  accept: 'Accepted the migration',
  pause: 'Paused',
  resume: 'Resumed',
  throttle: 'Throttled the copy',
  retryRejected: 'Copied rejected rows after all',
};

/** Who decided what, when, and with which words; with room to sign while somebody still has to. */
export function decisions({ decisions: taken, stage }: ReportData): Html {
  const rows = taken.map(({ kind, by, at, comment }) => [WORDS[kind], by, moment(at), comment ?? '']);
  const awaited = stage === 'approval' ? 'Approval of the cutover' : stage === 'acceptance' ? 'Acceptance' : null;
  return html`<section>
    <h2>Decisions and sign-off</h2>
    ${
      rows.length === 0 && awaited === null
        ? html`<p>Nobody has decided anything.</p> `
        : dataTable({
            caption: 'Who decided what',
            columns: [{ title: 'Decision' }, { title: 'Who' }, { title: 'When' }, { title: 'Comment' }],
            rows: awaited === null ? rows : [...rows, [html`${awaited} <em>(awaited)</em>`, '', '', '']],
          })
    }
  </section> `;
}
