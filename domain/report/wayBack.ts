import { commands, quoted, signalCommand } from './commands';
import { count } from '../format';
import { dataTable } from './dataTable';
import { html, type Html } from './html';
import type { ReportData } from './reportData';

/** How this migration is undone from here: what to type, what is lost and what is kept. */
export function wayBack(data: ReportData): Html {
  return html`<section id="way-back">
    <h2>How to go back</h2>
    ${way(data)}
  </section> `;
}

function way(data: ReportData): Html {
  const { stage, source, target, keptSchema, workflowId, input } = data;
  switch (stage) {
    case 'approval':
      return html`<p>
          Until the commit point nothing is lost: a rejection, a cancellation or any failure removes what the migration
          made on <strong>${target}</strong>, and <strong>${source}</strong> takes writes again.
        </p>
        ${commands(signalCommand(data, 'rejectCutover', { approver: 'your name', reason: 'why' }), `temporal workflow cancel --workflow-id ${quoted(workflowId)}`)}
        <p>
          After the switch, until the acceptance, <code>requestRollback</code> goes back to <strong>${source}</strong>.
          What was written to <strong>${target}</strong> in between is kept there, in a schema of its own, but is not
          carried back.
        </p>
        <p>
          <strong>Never</strong> use <code>temporal workflow terminate</code>: it undoes nothing, and the source may
          stay read-only.
        </p> `;
    case 'acceptance':
      return html`${commands(signalCommand(data, 'requestRollback', { by: 'your name', reason: 'why' }))}
        <p>
          In this order:
          ${
            input.switchSteps.length === 0
              ? 'you send the application back to the source (no switch step is configured)'
              : 'each switch step is undone, the last first'
          };
          the tables of <strong>${target}</strong> are set aside, with all their rows, in a schema of their own; what
          was written there is extracted to files; <strong>${source}</strong> takes writes again.
        </p>
        <ul>
          <li>
            <strong>Kept:</strong> every row of the source as it was at the freeze, and every row that was written to
            the target, in that schema.
          </li>
          <li>
            <strong>Lost to the application:</strong> what was written to the target since the switch. Nothing replays
            it: it has to be carried over by hand.
          </li>
        </ul>
        <p>After the acceptance there is no rollback any more.</p> `;
    case 'accepted':
      return byHand(data);
    case 'rolledBack':
      return html`<p>
          This is the way back: it has been gone. The source takes writes
          again${input.freeze === 'none' ? '' : ', unless it was read-only before'}.${keptSchema === undefined ? null : html` What was written to the target is in its schema <code>${keptSchema}</code>.`}
        </p>
        ${extracted(data)}`;
    case 'rejected':
    case 'aborted':
      return html`<p>
        There is nothing to go back from: no row was moved for good, and the source was left as it was found.
      </p> `;
  }
}

/** The files with what was written on the target. */
function extracted({ writtenOnTarget }: ReportData): Html {
  if (writtenOnTarget === undefined) return html``;
  if (writtenOnTarget.length === 0)
    return html`<p>No file was written: see the findings for whether any is missing.</p> `;
  return dataTable({
    caption: 'What was written on the target, by the file that has its rows',
    columns: [
      { title: 'Table' },
      { title: 'Inserted', number: true },
      { title: 'Changed', number: true },
      { title: 'Deleted', number: true },
      { title: 'File' },
      { title: 'SHA-256' },
    ],
    rows: writtenOnTarget.map(({ table, inserted, updated, deleted, path, sha256 }) => [
      table,
      count(inserted),
      count(updated),
      count(deleted),
      path,
      sha256,
    ]),
  });
}

/** After the acceptance nothing is automatic any more. */
function byHand({ source, target, input }: ReportData): Html {
  return html`<p>
      The migration is accepted: nothing switches back by itself any more, and <code>requestRollback</code> is refused.
      <strong>${source}</strong> still holds everything as it was at the freeze,
      ${input.freeze === 'none' ? 'unless somebody has written to it since' : 'read-only'}. To go back all the same, by
      hand:
    </p>
    <ol>
      <li>
        Stop the application, and export from <strong>${target}</strong> what was written since the switch:
        <code>${source}</code> does not have it.
      </li>
      <li>
        Make the source writable, on its server:
        ${commands('SET GLOBAL super_read_only = OFF; SET GLOBAL read_only = OFF;   -- MySQL', 'SET GLOBAL read_only = OFF;                                  -- MariaDB')}
      </li>
      <li>Bring the exported rows into the source, and point the application to it.</li>
    </ol> `;
}
