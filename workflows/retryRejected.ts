import { CancellationScope, condition, setHandler } from '@temporalio/workflow';
import type { RetryAnswer } from '../domain/activityMessages';
import { retryRejectedSchema } from '../domain/messages';
import { long } from './activityProxies';
import * as messages from './messages';
import { workOn, type Migration } from './migration';
import { validated } from './validated';

/** Answers the update `retryRejected`: the rows that were kept aside are copied under other choices of the mapping. */
export function listenForRetries(migration: Migration): void {
  let underWay = false;
  setHandler(
    messages.retryRejected,
    async (given) => {
      underWay = true;
      try {
        return await retry(migration, given);
      } finally {
        underWay = false;
      }
    },
    {
      validator: validated(retryRejectedSchema, () => (underWay ? 'a retry is under way already' : refusal(migration))),
    },
  );
}

function refusal({ decisions, record }: Migration): string | null {
  if (decisions.awaiting !== 'acceptance' || decisions.accepted || decisions.rollbackRequest !== null) {
    return `rejected rows are retried while the acceptance is awaited; the phase is ${record.phase}`;
  }
  return rejectedTables(record).length === 0 ? 'no row is rejected' : null;
}

function rejectedTables({ findings }: { readonly findings: Migration['record']['findings'] }): string[] {
  return findings.filter(({ code }) => code === 'ROWS_REJECTED').map(({ object }) => object);
}

async function retry(migration: Migration, given: unknown): Promise<RetryAnswer> {
  const { record, decisions } = migration;
  const { by, mapping } = retryRejectedSchema.parse(given);
  record.decide('retryRejected', by, JSON.stringify(mapping));
  const tables = rejectedTables(record);
  const scope = new CancellationScope();
  // A rollback sets the tables aside: what is still being copied into them is given up first.
  void condition(() => decisions.rollbackRequest !== null).then(() => scope.cancel());
  const answer = await scope.run(() =>
    long.retryRejected.executeWithOptions({ summary: `Copy rejected rows of ${tables.join(', ')}` }, [
      { ...workOn(migration, tables), mapping },
    ]),
  );
  record.findings = record.findings.filter(({ code }) => code !== 'ROWS_REJECTED').concat(answer.findings);
  for (const name of tables) {
    const verified = record.verified.get(name);
    if (verified === undefined) continue;
    const rows = verified.sourceRows - (answer.left[name] ?? 0);
    record.verified.set(name, { ...verified, targetRows: rows, verifiedRows: rows, mismatches: answer.mismatches });
  }
  record.onChange();
  return answer;
}
