import { pointInTime } from '../domain/format';
import type { MigrationInput } from '../domain/input';
import type { SchemaProposal } from '../domain/liveMessages';
import type { Decisions } from './decisions';
import type { MigrationRecord } from './record';

/** Tells a person what the migration waits for and what to type, as lines of Markdown. */
export function whatNext(
  workflowId: string,
  input: MigrationInput,
  record: MigrationRecord,
  decisions: Decisions,
): string[] {
  // In two lines, because the web UI shows no more of a long one.
  const signal = (name: string, body: object): string =>
    `temporal workflow signal --workflow-id ${workflowId} \\\n  --name ${name} --input '${JSON.stringify(body)}'`;
  const cancel = `temporal workflow cancel --workflow-id ${workflowId}`;
  const paused = decisions.paused
    ? [...heldLines(record, decisions), '', '```', signal('resume', { by: 'you' }), '```', '']
    : [];
  if (decisions.awaitsSchema && record.schemaProposal !== null) {
    return [
      ...schemaLines(record, record.schemaProposal, signal),
      '',
      'To end it instead, and undo what it made:',
      '',
      '```',
      cancel,
      '```',
    ];
  }
  if (decisions.awaiting === 'approval') {
    return [
      ...paused,
      `Waiting for approval of evidence \`${record.evidence ?? ''}\`. ${cutoverSentence(input)} To approve, or to end the migration and remove what it made:`,
      '',
      '```',
      signal('approveCutover', { approver: 'you', evidence: record.evidence }),
      signal('rejectCutover', { approver: 'you', reason: '…' }),
      '```',
      '',
      ...approvalLines(record, decisions),
    ];
  }
  if (decisions.awaiting === 'acceptance') {
    return [
      ...paused,
      `The target is live${record.sourceFrozen ? ' and the source still frozen' : ''}. While it is observed, a threshold that is crossed rolls back by itself. To accept it for good, or to go back to the source:`,
      '',
      '```',
      signal('acceptMigration', { approver: 'you' }),
      signal('requestRollback', { by: 'you', reason: '…' }),
      '```',
    ];
  }
  if (record.phase === 'done') return doneLines(input, record);
  if (decisions.paused) return [...paused, 'To end it instead, and undo what it made:', '', '```', cancel, '```'];
  return [
    'Nothing to do now. To hold it before its next step, or to end the migration and undo what it made:',
    '',
    '```',
    signal('pause', { by: 'you' }),
    cancel,
    '```',
  ];
}

function cutoverSentence({ strategy }: MigrationInput): string {
  return strategy === 'live'
    ? 'The application goes on writing until then. The cutover freezes the source for about a second, applies and compares the last changes, and switches.'
    : 'The cutover freezes the source, copies, verifies and switches.';
}

/** What a schema change of the source would mean, and how to decide about it. */
function schemaLines(
  { schemaFailure }: MigrationRecord,
  { statement, statements, reason, followable, notes }: SchemaProposal,
  signal: (name: string, body: object) => string,
): string[] {
  const sql = (text: string): string[] => ['```sql', text.slice(0, MAX_STATEMENT), '```', ''];
  const proposed = statements ?? [];
  return [
    'The source has changed a table that is streamed. The stream stands right in front of that; the application goes on writing.',
    '',
    ...sql(statement),
    ...(schemaFailure === null ? [] : [`**The last answer could not be carried out:** ${schemaFailure}`, '']),
    ...(statements === null ? [`Nothing is proposed: ${reason}`, ''] : []),
    ...(proposed.length > 0 ? ['Proposed for the target:', '', ...sql(proposed.join(';\n'))] : []),
    ...(statements?.length === 0 ? ['Nothing need be run on the target.', ''] : []),
    ...notes.map((note) => `- ${note}`),
    '',
    ...(followable
      ? [
          statements === null
            ? 'Change the target, then:'
            : 'To have it changed so, or to go on once you have changed the target yourself:',
          '',
          '```',
        ]
      : []),
    ...(followable && statements !== null ? [signal('resume', { by: 'you', apply: true })] : []),
    ...(followable ? [signal('resume', { by: 'you' }), '```'] : []),
  ];
}

/** A statement may be of any length. */
const MAX_STATEMENT = 2_000;

function approvalLines({ endsAt }: MigrationRecord, { approvers, approvalsNeeded }: Decisions): string[] {
  const given = approvers.length === 0 ? 'nobody yet' : approvers.join(', ');
  return [
    `Approved by ${given}: ${approvers.length} of ${approvalsNeeded}${approvalsNeeded > 1 ? ', each another person' : ''}.`,
    ...(endsAt === null
      ? []
      : [`Without approval it ends by itself at ${pointInTime(endsAt)}: everything that was made is then undone.`]),
  ];
}

/** What a pause holds here, and at whose cost. */
function heldLines(
  { sourceFrozen, writePause, phase }: MigrationRecord,
  { awaiting, reversible }: Decisions,
): string[] {
  if (awaiting === 'approval')
    return ['Paused: an approval counts, and the cutover begins when it goes on. A rejection is not held. To go on:'];
  if (awaiting === 'acceptance')
    return ['Paused: an acceptance counts, and ends it when it goes on. A rollback is not held. To go on:'];
  if (reversible) return ['Paused, but the switch is not held: nobody can write before it is done. To go on:'];
  if (!sourceFrozen) return [`Paused in ${phase}: it holds before its next step. To go on:`];
  const end =
    writePause.deadline === null
      ? 'no cutover.maxFreezeSeconds ends that'
      : `the cutover is sent back at ${pointInTime(new Date(writePause.deadline).toISOString())}`;
  return [`**Paused while the source is frozen: nobody can write meanwhile, and ${end}.** To go on:`];
}

function doneLines({ source, cutover }: MigrationInput, { sourceFrozen, reportPaths }: MigrationRecord): string[] {
  if (!sourceFrozen) return ['Nothing is left to do.'];
  if (cutover.freeze === 'readOnly') return [`Nothing is left to do. The source "${source}" stays read-only.`];
  const where = reportPaths === null ? '' : 'The report has the statements; ';
  return [
    `The accounts of the source "${source}" stay without the rights that the freeze took, or locked, so that nobody writes there. Give back by hand what other databases need. ${where}\`temporal_migrate.freezes\` on the target has what was taken.`,
  ];
}
