import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { RetryAnswer } from '../domain/activityMessages';
import type { Progress } from '../domain/result';

/** Every message databaseMigration understands. Each carries one JSON object; bodies are read by domain/messages.ts. */
export const approveCutover = defineSignal<[unknown]>('approveCutover');
export const rejectCutover = defineSignal<[unknown]>('rejectCutover');
export const pause = defineSignal<[unknown]>('pause');
export const resume = defineSignal<[unknown]>('resume');
export const throttle = defineSignal<[unknown]>('throttle');
export const requestRollback = defineSignal<[unknown]>('requestRollback');
export const acceptMigration = defineSignal<[unknown]>('acceptMigration');

/** The three decisions again, but answered: a decision that is not due is refused with the reason. */
export const approve = defineUpdate<string, [unknown]>('approve');
export const rollback = defineUpdate<string, [unknown]>('rollback');
export const accept = defineUpdate<string, [unknown]>('accept');

/** Copies rejected rows after all, under other choices of the mapping; while the acceptance is awaited. */
export const retryRejected = defineUpdate<RetryAnswer, [unknown]>('retryRejected');

export const progress = defineQuery<Progress>('progress');
/** The full result so far. */
export const report = defineQuery<unknown>('report');
