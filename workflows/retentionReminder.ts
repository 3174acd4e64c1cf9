import { log, setCurrentDetails, sleep } from '@temporalio/workflow';

/** Says, when the retention is over, that the source may go; the migration never drops it. */
export async function retentionReminder({ source, days }: { source: string; days: number }): Promise<string> {
  setCurrentDetails(`The source "${source}" is kept for ${days} days after the acceptance of its migration.`);
  await sleep(days * 86_400_000, { summary: `Keep the source for ${days} days` });
  const reminder = `The retention of "${source}" is over: it may be archived or removed by its owner.`;
  log.warn(reminder);
  return reminder;
}
