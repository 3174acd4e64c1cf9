import { sleep } from '@temporalio/workflow';
import type { Outcome } from '../domain/result';
import { awaitAcceptance } from './awaitAcceptance';
import { awaitApproval } from './awaitApproval';
import { cutover } from './cutover';
import { finalFailure, type RootFailure } from './failures';
import type { Migration } from './migration';
import { takeBaseline } from './observe';
import { verifyWhileWritten } from './verifyWhileWritten';

/** Failures a further attempt can get past by itself, because nothing of what was approved has changed. */
const TRIED_AGAIN: ReadonlySet<string> = new Set(['FREEZE_FAILED', 'FREEZE_LOST', 'FREEZE_OVERDUE', 'EPOCH_STALE']);
const BETWEEN_ATTEMPTS = '5 seconds';

/** Waits for the approval and cuts over, again and again where a cutover is sent back; then waits for the acceptance. */
export async function decideAndCutOver(migration: Migration): Promise<Outcome> {
  const { record } = migration;
  for (let sentBack = 0; ; sentBack += 1) {
    const verdict = await record.during('awaiting approval', () => awaitApproval(migration));
    if (verdict === 'changed') {
      await verifyWhileWritten(migration);
      nextEvidence(migration, sentBack + 1);
      continue;
    }
    if (verdict !== 'approved') return verdict;
    await takeBaseline(migration);
    const failure = await cutOverUntilDone(migration);
    if (failure === null) return awaitAcceptance(migration);
    // A live migration follows its source's schema; a bigBang cannot.
    if (failure.code === 'PLAN_CHANGED' && migration.input.strategy === 'bigBang') throw finalFailure(failure);
    nextEvidence(migration, sentBack + 1);
  }
}

async function cutOverUntilDone(migration: Migration): Promise<RootFailure | null> {
  const { record, input } = migration;
  for (let attempt = 1; ; attempt += 1) {
    const failure = await record.during('cutover', () => cutover(migration));
    if (failure === null) {
      record.lastFailure = null;
      return null;
    }
    record.lastFailure = `${failure.code}: ${failure.message}`;
    if (!TRIED_AGAIN.has(failure.code) || attempt >= input.cutover.attempts) return failure;
    record.onChange();
    await sleep(BETWEEN_ATTEMPTS, { summary: 'Before the cutover is tried again' });
  }
}

/** What was approved has not held: the next approval is of this, too. */
function nextEvidence({ record, decisions }: Migration, number: number): void {
  record.evidence = `${(record.evidence ?? '').split('-')[0]}-${number}`;
  decisions.forgetApprovals();
  record.onChange();
}
