import { continueAsNew, workflowInfo } from '@temporalio/workflow';
import type { TablesWork, WatchedLoad } from '../domain/activityMessages';
import type { FreezeState } from '../domain/freeze';
import { long } from './activityProxies';
import { together } from './concurrency';

export interface TableCopyInput extends TablesWork {
  readonly lanes: number;
  readonly chunkBytes: number;
  readonly freeze: FreezeState | null;
  readonly rejectedLimit: number;
  readonly watched: WatchedLoad;
  readonly isWritten: boolean;
}

/** Copies one large table, or a batch of small ones, in lanes side by side until no chunk is left. */
export async function tableCopy(input: TableCopyInput): Promise<void> {
  const what = input.tables.length === 1 ? input.tables[0] : `${input.tables.length} tables`;
  const { lanes, chunkBytes, freeze, rejectedLimit, watched, isWritten, ...work } = input;
  let pending = await long.planChunks.executeWithOptions({ summary: `Cut ${what} into chunks` }, [
    { ...work, chunkBytes },
  ]);
  while (pending > 0) {
    await together(
      Array.from({ length: Math.min(lanes, pending) }, (_, index) => async () => {
        // The lane's name is the same in every attempt, so that a retry ends the backend of the attempt before it.
        const lane = `copy/${input.tables[0] ?? ''}/${index + 1}`;
        const summary = `Copy ${what}${lanes > 1 ? `, lane ${index + 1}` : ''}`;
        const answer = await long.copyChunks.executeWithOptions({ summary }, [
          { ...work, lane, freeze, rejectedLimit, watched, isWritten },
        ]);
        pending = answer.pending;
      }),
    );
    if (pending > 0 && workflowInfo().continueAsNewSuggested) await continueAsNew<typeof tableCopy>(input);
  }
}
