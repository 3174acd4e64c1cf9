import { timeSpan } from './format';

/** What a source still has of its change log behind a position. */
export interface HeldLog {
  /** Whether all that follows the position is there. Where it is not, the rest means nothing. */
  readonly isThere: boolean;
  /** At most so many bytes of the log follow the position. */
  readonly behindBytes: number;
  /** How long the source keeps what it has finished writing; null for ever. */
  readonly retentionSeconds: number | null;
  /** How long until it may throw away what follows the position; null when it never does. */
  readonly leftSeconds: number | null;
}

/** `warning` while there is time to do something, `lost` when the stream can never go on. */
export interface LogAlarm {
  readonly level: 'ok' | 'warning' | 'lost';
  /** What is wrong and what to do, as sentences; empty when nothing is. */
  readonly reason: string;
}

/** Less than so many times the lag is too little: a stream that falls behind must catch up within it. */
const LEAST_LAGS = 4;
/** Less than this part of what the source keeps is too little, however small the lag is said to be. */
const LEAST_SHARE = 0.25;

/**
 * Whether a stream that stands at a position is about to lose what follows it. `lagSeconds` is how old the last change is
 * that it has applied, null where that is not known. Pure.
 */
export function judgeLog({ isThere, retentionSeconds, leftSeconds }: HeldLog, lagSeconds: number | null): LogAlarm {
  if (!isThere) {
    return {
      level: 'lost',
      reason:
        'The source has thrown away a part of its log that is not applied yet, so nobody can say what was written in it: the tables must be copied anew.',
    };
  }
  if (leftSeconds === null || retentionSeconds === null) return { level: 'ok', reason: '' };
  const lag = lagSeconds ?? 0;
  if (leftSeconds >= LEAST_LAGS * lag && leftSeconds >= LEAST_SHARE * retentionSeconds)
    return { level: 'ok', reason: '' };
  return {
    level: 'warning',
    reason:
      `The source may throw away in ${timeSpan(leftSeconds * 1_000)} what is not applied yet (it keeps its log for ` +
      `${timeSpan(retentionSeconds * 1_000)}; the target is ${timeSpan(lag * 1_000)} behind): have it keep its log for longer, ` +
      'or take load off the target. What is lost cannot be followed, and the tables must be copied anew.',
  };
}
