import { timeSpan } from '../format';
import { commands, quoted, signalCommand } from './commands';
import { html, type Html } from './html';
import type { ReportData } from './reportData';

/** What the reader can do now, with the words to type. */
export function nextStep(data: ReportData): Html {
  return html`<section>
    <h2>What to do now</h2>
    ${advice(data)}
  </section> `;
}

function advice(data: ReportData): Html {
  const { stage, source, target, keptSchema, input } = data;
  switch (stage) {
    case 'approval':
      return beforeApproval(data);
    case 'acceptance':
      return html`<ol>
        <li>
          See that the application reads and writes <strong>${target}</strong>, and look at the acceptance checks below.
        </li>
        <li>Run the SQL for what was left behind (see the findings).</li>
        <li>Write the read-only setting into the option file of the source: a restart would make it writable.</li>
        <li>
          Accept it for good:
          ${commands(signalCommand(data, 'acceptMigration', { approver: 'your name', comment: 'why' }))}
        </li>
        <li>
          Or go back; see <a href="#way-back">how to go back</a> for what that costs:
          ${commands(signalCommand(data, 'requestRollback', { by: 'your name', reason: 'why' }))}
        </li>
      </ol> `;
    case 'accepted':
      return html`<p>
        Nothing has to be done for the migration itself. Keep <strong>${source}</strong> read-only for
        ${input.retentionDays} days, then archive or remove it; a reminder comes from the workflow
        <code>${data.workflowId}/retention</code>.
      </p> `;
    case 'rolledBack':
      return html`<p>
        See that the application works on <strong>${source}</strong>.${
          keptSchema === undefined
            ? null
            : html` What was written to the target is kept in its schema <code>${keptSchema}</code>: carry over by hand
                what is needed, then drop that schema.`
        }
        Mend the reason for the rollback, and start a new migration.
      </p> `;
    case 'rejected':
    case 'aborted':
      return html`<p>Nothing has to be undone. To try again, start a new migration with a workflow id of its own.</p> `;
  }
}

function beforeApproval(data: ReportData): Html {
  const { evidence, estimate, lastFailure, workflowId } = data;
  return html`${
      lastFailure === null
        ? null
        : html`<p class="alert">
            <strong>The last cutover was sent back</strong>, and the source is writable again: ${lastFailure}
          </p> `
    }
    <ol>
      <li>
        Read the <a href="#risks">risks</a> and the <a href="#findings">findings</a>, and prepare the SQL for what is
        not moved.
      </li>
      <li>
        See that the application's role will be able to use the tables: by targetGrants, which the migration grants at
        the commit point, or by hand now.
      </li>
      <li>
        Choose a time at which nobody needs to
        write${estimate === null ? null : ` for about ${timeSpan(estimate.durationMs)}, with a reserve`}.
      </li>
      <li>
        Approve it; the cutover begins at once:
        ${commands(signalCommand(data, 'approveCutover', { approver: 'your name', comment: 'why', ...(evidence === null ? {} : { evidence }) }))}
      </li>
      <li>
        Or end it, and remove what it made:
        ${commands(signalCommand(data, 'rejectCutover', { approver: 'your name', reason: 'why' }))}
      </li>
      <li>Then watch it: ${commands(`temporal workflow query --workflow-id ${quoted(workflowId)} --name progress`)}</li>
    </ol>
    <p class="note">
      The evidence <code>${evidence ?? ''}</code> stands for the plan and its findings as they are here. An approval
      that names it is refused when they have changed. Without an approval the migration ends after
      ${data.input.approvalTimeout}, undone.
    </p>
    <h3>What will happen</h3>
    <ol>
      ${willHappen(data).map((step) => html`<li>${step}</li> `)}
    </ol> `;
}

function willHappen({ source, target, input }: ReportData): string[] {
  const { verify, switchSteps, freeze } = input;
  const compare =
    verify.mode === 'full'
      ? 'Every column of every row is compared.'
      : verify.mode === 'sample'
        ? `Numbers of rows are compared, and every column of about ${verify.samplePercent} % of them.`
        : 'Numbers of rows are compared.';
  return [
    freeze === 'none'
      ? `You have stopped the writes to ${source}; nothing checks it.`
      : `${source} is made read-only. The application can read, and cannot write.`,
    `All rows are copied to ${target}, then keys, indexes and foreign keys are built.`,
    `${compare} A difference sends the cutover back, and ${source} is writable again.`,
    `The commit point: from here on ${target} is the truth.`,
    ...(switchSteps.length === 0
      ? ['You send the application to the target: no switch step is configured.']
      : switchSteps.map((step) => `Switch: ${step}.`)),
    'The acceptance is awaited. Until then a rollback is possible.',
  ];
}
