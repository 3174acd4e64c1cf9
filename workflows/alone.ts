import { CancellationScope, CancelledFailure, setCurrentDetails } from '@temporalio/workflow';
import { findingLines } from './details';
import { finalFailure, rootFailure, wasCutOff } from './failures';
import type { MigrationRecord } from './record';

/** What an assessment and a comparison have in common: they run alone, change nothing, and have nothing to undo. */
export async function runAlone<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const cancelled = CancellationScope.current().consideredCancelled && wasCutOff(error);
    throw cancelled ? new CancelledFailure(`the ${what} was cancelled`) : finalFailure(rootFailure(error));
  }
}

/** Tells in the web UI's current details what is happening; there is nothing for a person to decide. */
export function showAlone(
  title: string,
  workflowId: string,
  record: MigrationRecord,
  more: readonly string[] = [],
): void {
  const running = [
    'Nothing is changed on either server. To end it:',
    '',
    '```',
    `temporal workflow cancel --workflow-id ${workflowId}`,
    '```',
  ];
  const lines = [
    `## ${title}: ${record.phase}`,
    '',
    ...(record.phase === 'done' ? ['Nothing was changed on either server.'] : running),
    '',
    ...more,
    ...tableLines(record),
    ...findingLines(record),
  ];
  setCurrentDetails(lines.join('\n'));
}

/** How many tables the details list before they only count. */
const LISTED = 12;

function tableLines({ tables, verified }: MigrationRecord): string[] {
  if (tables.length === 0) return [];
  const rows = tables.slice(0, LISTED).map(({ name, targetName, rows: total }) => {
    const compared = verified.get(name);
    const state = compared === undefined ? '' : `${compared.verifiedRows} verified, ${compared.mismatches} mismatches`;
    return `| ${name} | ${targetName} | ${total} | ${state} |`;
  });
  const more = tables.length - rows.length;
  return [
    '| table | target | rows | verification |',
    '| --- | --- | --- | --- |',
    ...rows,
    ...(more > 0 ? [`| … ${more} more | | | |`] : []),
    '',
  ];
}
