import { condition } from '@temporalio/workflow';
import type { Migration } from './migration';

/** Holds here while a person has paused the migration. */
export async function resumed({ decisions }: Migration): Promise<void> {
  await condition(() => !decisions.paused);
}
