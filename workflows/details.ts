import { setCurrentDetails } from '@temporalio/workflow';
import { byteSize } from '../domain/format';
import type { MigrationInput } from '../domain/input';
import type { MigrationRecord } from './record';
import { checkLines, observationLines, outlookLines, reportLines } from './outlook';
import { progressOf } from './progressView';
import type { Decisions } from './decisions';
import { whatNext } from './whatNext';

/** How many tables and findings the details list before they only count. */
const LISTED = 12;

/** Tells a stranger, in the web UI's current details, what is happening and what to type next. */
export function showDetails(
  workflowId: string,
  input: MigrationInput,
  record: MigrationRecord,
  decisions: Decisions,
): void {
  const progress = progressOf(record, decisions, Date.now());
  const lines = [
    `## ${input.source} → ${input.target}: ${headline(record, decisions)}`,
    '',
    ...whatNext(workflowId, input, record, decisions),
    '',
    ...(record.reminder === null ? [] : [record.reminder, '']),
    ...(record.lastFailure === null ? [] : [`**The last cutover was sent back:** ${record.lastFailure}`, '']),
    ...(decisions.rowsPerSecond > 0 ? [`Throttled to ${decisions.rowsPerSecond} rows a second.`, ''] : []),
    ...(record.heldBack === null ? [] : [`**The copy waits:** ${record.heldBack}.`, '']),
    ...(record.phase === 'copy'
      ? [
          `**${progress.percent} %** copied: ${progress.rowsCopied} of ${progress.rowsTotal} rows, ${progress.rowsPerSecond} rows/s` +
            (progress.etaSeconds === null ? '' : `, about ${progress.etaSeconds} s left`),
          '',
        ]
      : []),
    ...lagLines(record),
    ...wayBackLines(record),
    ...(decisions.awaiting === 'approval' ? outlookLines(record) : []),
    ...observationLines(record),
    ...(decisions.awaiting === 'acceptance' ? checkLines(record) : []),
    ...(decisions.awaiting !== null || record.phase === 'done' ? reportLines(record) : []),
    ...tableLines(record),
    ...findingLines(record),
    ...record.ignored.slice(-3).map((ignored) => `- ignored \`${ignored.signal}\`: ${ignored.reason}`),
  ];
  setCurrentDetails(lines.join('\n'));
}

function headline(record: MigrationRecord, decisions: Decisions): string {
  if (decisions.paused) return `paused in ${record.phase}${record.sourceFrozen ? ', the source is frozen' : ''}`;
  if (record.phase === 'done') return 'done';
  return record.sourceFrozen ? `${record.phase}, the source is frozen` : record.phase;
}

/** The first tables; `copies` is false where nothing is copied. */
export function tableLines({ tables, verified, copied }: MigrationRecord, copies = true): string[] {
  if (tables.length === 0) return [];
  const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
  const columns = ['table', 'target', 'rows', ...(copies ? ['copied'] : []), 'verification'];
  const rows = tables.slice(0, LISTED).map(({ name, targetName, rows: total }) => {
    const compared = verified.get(name);
    const state = compared === undefined ? '' : `${compared.verifiedRows} verified, ${compared.mismatches} mismatches`;
    return line([name, targetName, total, ...(copies ? [copied.get(name) ?? 0] : []), state]);
  });
  const more = tables.length - rows.length;
  return [
    line(columns),
    line(columns.map(() => '---')),
    ...rows,
    ...(more > 0 ? [`| … ${more} more |${' |'.repeat(columns.length - 1)}`] : []),
    '',
  ];
}

/** The findings a person should look at, as far as they are listed. */
export function findingLines(record: MigrationRecord): string[] {
  const grave = record.findings.filter((finding) => finding.severity !== 'info');
  if (grave.length === 0) return [];
  return [
    `**${grave.length} findings** (of ${record.findings.length}; all of them: query \`report\`)`,
    '',
    ...grave
      .slice(0, LISTED)
      .map((finding) => `- ${finding.severity} ${finding.code} ${finding.object}: ${finding.reason}`),
    '',
  ];
}

/** How far a live target is behind, and whether the source keeps enough of its log. */
function lagLines({ lag }: MigrationRecord): string[] {
  if (lag === null) return [];
  const seconds = lag.lagSeconds === null ? 'not known yet' : `${lag.lagSeconds.toFixed(1)} s`;
  const bytes = lag.lagBytes === null ? '' : `, ${byteSize(lag.lagBytes)} of the source's log`;
  const alarm = lag.alarm.level === 'ok' ? [] : [`**${lag.alarm.reason}**`, ''];
  return [`**Behind the source:** ${seconds}${bytes}.`, '', ...alarm];
}

/** What a rollback would lose. */
function wayBackLines({ wayBack }: MigrationRecord): string[] {
  if (wayBack === null) return [];
  const late =
    wayBack.lagSeconds === null
      ? 'is being taken back'
      : `is taken back but for the last ${wayBack.lagSeconds.toFixed(1)} s`;
  const all = wayBack.lagSeconds === 0 ? 'is in the source, too' : late;
  const kept =
    wayBack.keptBytes === null ? '' : ` The target keeps ${byteSize(wayBack.keptBytes)} of its log for that.`;
  return [`**Way back:** what is written on the target ${all}: a rollback loses nothing.${kept}`, ''];
}
