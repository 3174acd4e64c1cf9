import { setCurrentDetails } from '@temporalio/workflow';
import { findingLines, tableLines } from './details';
import { endingOf } from './failures';
import type { MigrationRecord } from './record';

/** What an assessment and a comparison have in common: they run alone, change nothing, and have nothing to undo. */
export async function runAlone<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw endingOf(error, what);
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
    ...tableLines(record, false),
    ...findingLines(record),
  ];
  setCurrentDetails(lines.join('\n'));
}
