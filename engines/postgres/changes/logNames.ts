import { createHash } from 'node:crypto';
import type { RunKey } from '../../engine';

/** A stream of a run. */
export interface StreamName extends RunKey {
  readonly stream: string;
}

/** Slots may be called by small letters, digits and underscores alone, 63 of them. */
const READABLE = 40;
const DIGEST = 16;

/**
 * What the slot and the publication of a stream are called: the same in every attempt, and another for every other
 * stream, also of a run with a similar id.
 */
export function logName({ runId, stream }: StreamName): string {
  const readable = runId
    .toLowerCase()
    .replace(/[^a-z0-9]+/gu, '_')
    .slice(0, READABLE);
  const digest = createHash('sha256')
    .update(JSON.stringify([runId, stream]))
    .digest('hex');
  return `tm_${readable}_${digest.slice(0, DIGEST)}`;
}
