import { allHandlersFinished, condition, log } from '@temporalio/workflow';
import { durationMs } from '../domain/duration';
import { timeSpan } from '../domain/format';
import { checkWhileAwaited } from './acceptance';
import type { Migration } from './migration';
import { observe } from './observe';
import { decidedAtLast } from './reminders';

/**
 * The target is live: it is observed for a time, and a person is awaited without an end. A person may decide from the
 * first moment on, and what is observed may roll back by itself. A pause holds what comes behind an acceptance, not a
 * rollback.
 */
export async function awaitAcceptance(migration: Migration): Promise<'accepted' | 'rolledBack'> {
  const { decisions, record } = migration;
  decisions.awaiting = 'acceptance';
  record.onChange();
  const checks = checkWhileAwaited(migration);
  try {
    await record.during('observe', () => observe(migration));
    if (decisions.rollbackRequest === null) await record.during('awaiting acceptance', () => awaitPerson(migration));
    // Rejected rows on their way arrive, or are given up, before anything is undone or told.
    await condition(allHandlersFinished);
    return decisions.accepted ? 'accepted' : 'rolledBack';
  } finally {
    decisions.awaiting = null;
    record.reminder = null;
    await checks.end();
  }
}

async function awaitPerson({ decisions, record, input }: Migration): Promise<void> {
  const startedAt = Date.now();
  await decidedAtLast(durationMs(input.acceptance.timeout), {
    decided: () => decisions.isSettled(),
    summary: 'Wait for the acceptance',
    remind: () => {
      record.reminder = `The acceptance has been awaited for ${timeSpan(Date.now() - startedAt)}. Nothing is undone by waiting.`;
      log.warn(record.reminder);
      record.onChange();
    },
  });
  await condition(() => decisions.rollbackRequest !== null || !decisions.paused);
}
