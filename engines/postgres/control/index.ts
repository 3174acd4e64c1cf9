import type { ControlStore } from '../../engine';
import type { PostgresSession } from '../connection';
import { createChunks } from './chunks';
import { createFreezes } from './freezes';
import { createPace } from './pace';
import { createPlans } from './plans';
import { createRuns } from './runs';
import { createVerified } from './verified';

/** The migration's memory, through one session of the target. */
export function createControlStore(session: PostgresSession): ControlStore {
  return {
    ...createRuns(session),
    ...createPlans(session),
    ...createChunks(session),
    ...createPace(session),
    ...createFreezes(session),
    ...createVerified(session),
  };
}
