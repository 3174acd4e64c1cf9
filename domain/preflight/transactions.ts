import type { Finding } from '../finding';

/** A transaction open for longer than this, in seconds, may still be open when somebody must wait for it. */
export const LONG_TRANSACTION_SECONDS = 60;
const NAMED = 5;

export interface OpenTransaction {
  /** `connection 12`, `process 4711`. */
  readonly session: string;
  readonly user: string;
  /** When it began, as ISO 8601 in UTC. */
  readonly since: string;
  readonly seconds: number;
  /** True when it does nothing at the moment. */
  readonly idle: boolean;
}

/** One finding for all of them, the oldest first; `consequence` says whom they hold up. */
export function transactionFindings(name: string, open: readonly OpenTransaction[], consequence: string): Finding[] {
  if (open.length === 0) return [];
  const sorted = [...open].sort((a, b) => b.seconds - a.seconds);
  const named = sorted.slice(0, NAMED).map(describe);
  const more = sorted.length > named.length ? `; and ${sorted.length - named.length} more` : '';
  return [
    {
      code: 'LONG_TRANSACTION',
      severity: 'warning',
      object: name,
      source: `${named.join('; ')}${more}`,
      target: '',
      reason: consequence,
    },
  ];
}

function describe({ session, user, since, seconds, idle }: OpenTransaction): string {
  return `${session} (user ${user}) has had a transaction open since ${since}, for ${seconds} s${idle ? ', and is idle in it' : ''}`;
}
