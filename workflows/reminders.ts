import { condition } from '@temporalio/workflow';

export interface Awaited {
  readonly decided: () => boolean;
  /** Of the timers, as the web UI shows it. */
  readonly summary: string;
  readonly remind: () => void;
}

/** The shares of a time-out after which is reminded: few, because each is a timer of the history. */
const REMINDED_AT = [0.5, 0.9] as const;

/** Waits at most `timeoutMs`, and reminds when half of it is over, and when a tenth is left. Answers whether it was decided. */
export async function decidedWithin(timeoutMs: number, { decided, summary, remind }: Awaited): Promise<boolean> {
  const startedAt = Date.now();
  for (const share of [...REMINDED_AT, 1]) {
    const left = startedAt + timeoutMs * share - Date.now();
    if (await condition(decided, Math.max(Math.ceil(left), 1), { summary })) return true;
    if (share < 1) remind();
  }
  return false;
}

/** Waits without an end, and reminds after `timeoutMs`, after twice as long, after four times as long, and so on. */
export async function decidedAtLast(timeoutMs: number, { decided, summary, remind }: Awaited): Promise<void> {
  for (let next = timeoutMs, wait = timeoutMs; !(await condition(decided, wait, { summary })); next += wait) {
    remind();
    wait = next;
  }
}
