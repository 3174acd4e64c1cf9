import type { ControlStore } from '../../engine';
import type { PostgresSession } from '../connection';
import { chunkStore } from './chunks';
import { freezeStore } from './freeze';
import { paceStore } from './pace';
import { planStore } from './plan';
import { rejectedStore } from './rejected';
import { rollbackLogStore } from './rollbackLog';
import { runStore } from './run';
import { streamStore } from './streams';
import { verifiedStore } from './verified';

/** The migration's memory, through one session of the target. */
export function createControlStore(session: PostgresSession): ControlStore {
  return {
    ...runStore(session),
    ...planStore(session),
    ...chunkStore(session),
    ...rejectedStore(session),
    ...paceStore(session),
    ...freezeStore(session),
    ...rollbackLogStore(session),
    ...streamStore(session),
    ...verifiedStore(session),
  };
}
