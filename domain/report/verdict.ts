import { byteSize, count, counted, pointInTime, timeSpan } from '../format';
import type { Decision } from '../result';
import { html, type Content, type Html } from './html';
import type { ReportData } from './reportData';
import { totalsOf } from './totals';

/** The report in one sentence, and the numbers a manager asks for. */
export function verdict(data: ReportData): Html {
  return html`<section class="verdict ${tone(data)}">
      <h2>In one sentence</h2>
      <p>${verdictSentence(data)}</p>
    </section>
    <dl class="figures">
      ${figures(data).map(
        ([name, value]) =>
          html`<div>
            <dt>${name}</dt>
            <dd>${value}</dd>
          </div> `,
      )}
    </dl> `;
}

function tone({ stage, acceptanceChecks }: ReportData): string {
  const failed = acceptanceChecks?.checks.some(({ state }) => state === 'failed') === true;
  if (stage === 'approval' || stage === 'acceptance') return failed ? 'bad' : 'waiting';
  return stage === 'accepted' && !failed ? 'good' : 'bad';
}

/** Who signed: the last decision of that kind. */
function signed({ decisions }: ReportData, ...kinds: readonly Decision['kind'][]): string {
  const people = decisions.filter(({ kind }) => kinds.includes(kind));
  const named = [...new Set(people.map(({ by }) => by))].join(' and ');
  const last = people.at(-1);
  return last === undefined ? 'nobody' : `${named} on ${pointInTime(last.at)}`;
}

export function verdictSentence(data: ReportData): string {
  const { source, target, stage, freezeMs, estimate } = data;
  const { tables, sourceRows } = totalsOf(data.tables);
  const what = `${counted(sourceRows, 'row')} in ${counted(tables, 'table')}`;
  const pause = freezeMs > 0 ? ` The write pause lasted ${timeSpan(freezeMs)}.` : '';
  switch (stage) {
    case 'approval':
      return (
        `Nothing has been moved yet: ${what} are ready to go from ${source} to ${target}, and the cutover waits for an approval. ` +
        (estimate === null ? '' : `Nobody will be able to write for about ${timeSpan(estimate.durationMs)}.`)
      );
    case 'acceptance':
      return `${doubt(data)}${target} is live with ${what}; ${compared(data)}.${pause} The source is kept as it was, and an acceptance, or a rollback, is awaited.`;
    case 'accepted':
      return `${doubt(data)}The migration of ${what} from ${source} to ${target} is done and was accepted by ${signed(data, 'accept')}; ${compared(data)}.${pause}`;
    case 'rolledBack':
      return `The migration was rolled back by ${signed(data, 'rollback')}: ${source} is the truth again, and nothing of it was changed.${pause}`;
    case 'rejected':
      return `The migration was rejected by ${signed(data, 'reject')}: what had been made on ${target} was removed, and ${source} is as it was.`;
    case 'aborted':
      return `Nobody approved the cutover within ${data.input.approvalTimeout}: what had been made on ${target} was removed, and ${source} is as it was.`;
  }
}

/** A person may accept in spite of a check, but nobody should have to search for it. */
function doubt({ acceptanceChecks }: ReportData): string {
  const failed = acceptanceChecks?.checks.filter(({ state }) => state === 'failed').length ?? 0;
  return failed === 0
    ? ''
    : `Look at the acceptance checks first: ${count(failed)} of them ${failed === 1 ? 'does' : 'do'} not hold. `;
}

function compared({ tables, input }: ReportData): string {
  const { verifiedRows, mismatches } = totalsOf(tables);
  const differing =
    mismatches === 0 ? 'no row differs' : `${counted(mismatches, 'row')} ${mismatches === 1 ? 'differs' : 'differ'}`;
  return input.verify.mode === 'counts'
    ? `numbers of rows were compared, and ${differing}`
    : `${counted(verifiedRows, 'row')} were compared in every column, and ${differing}`;
}

function figures(data: ReportData): [string, Content][] {
  const { stage, freezeMs, estimate, findings, input } = data;
  const totals = totalsOf(data.tables);
  const before = stage === 'approval' || stage === 'rejected' || stage === 'aborted';
  const warnings = findings.filter(({ severity }) => severity !== 'info').length;
  const size: [string, Content][] = [
    ['Tables', count(totals.tables)],
    ['Rows on the source', count(totals.sourceRows)],
    ['Size on the source', byteSize(totals.bytes)],
  ];
  if (before) {
    return [
      ...size,
      ['Estimated write pause', estimate === null ? 'unknown' : `about ${timeSpan(estimate.durationMs)}`],
      ['Findings to decide about', count(warnings)],
      ['Approvals', `${approvers(data)} of ${input.approvals}`],
    ];
  }
  return [
    ...size,
    ['Rows compared', count(totals.verifiedRows)],
    ['Mismatches', count(totals.mismatches)],
    ['Write pause', input.freeze === 'none' ? 'not measured' : timeSpan(freezeMs)],
    ['Approved by', signed(data, 'approve')],
    stage === 'rolledBack'
      ? ['Rolled back by', signed(data, 'rollback')]
      : ['Accepted by', stage === 'acceptance' ? 'nobody yet' : signed(data, 'accept')],
  ];
}

/** An approval counts until the cutover it approved was sent back; the decisions list them all. */
function approvers({ decisions }: ReportData): number {
  return new Set(decisions.filter(({ kind }) => kind === 'approve').map(({ by }) => by)).size;
}
