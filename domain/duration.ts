import { z } from 'zod';

const UNIT_MS: Readonly<Record<string, number>> = {
  second: 1_000,
  minute: 60_000,
  hour: 3_600_000,
  day: 86_400_000,
};

const PATTERN = /^(\d+(?:\.\d+)?) (second|minute|hour|day)s?$/;

/** Longer than anybody waits, and short enough for every timer and date. */
const LONGEST_DAYS = 3_650;

/** A span of time as people write it: a number and a unit, singular or plural ("1 second", "30 minutes", "7 days"). */
export const durationSchema = z
  .string()
  .regex(PATTERN, {
    error: 'a number and a unit (seconds, minutes, hours or days), like "30 minutes" or "7 days"',
    abort: true,
  })
  .refine((duration) => durationMs(duration) <= LONGEST_DAYS * 86_400_000, { error: `at most ${LONGEST_DAYS} days` });

/** Milliseconds in a duration that durationSchema has accepted. */
export function durationMs(duration: string): number {
  const [, amount, unit] = PATTERN.exec(duration) ?? [];
  return Math.round(Number(amount) * (UNIT_MS[unit ?? ''] ?? Number.NaN));
}
