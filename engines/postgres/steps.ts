import type { Target } from '../engine';
import type { PostgresSession } from './connection';
import type { MadeLog } from './control/made';
import { findExisting } from './existing';
import { grantAccess } from './grants';
import { refuseWrites } from './refuseWrites';
import { makeOwnSchema, runSteps } from './runSteps';
import { dropMade, dropStreamIndexes, emptyTables, setAside, undoCutover } from './undoSteps';

/** Making and unmaking what a plan has on the target, through one session. */
export function createSteps(
  session: PostgresSession,
  made: MadeLog,
): Pick<
  Target,
  | 'existing'
  | 'makeSchema'
  | 'run'
  | 'emptyTables'
  | 'undoCutover'
  | 'dropStreamIndexes'
  | 'dropMade'
  | 'setAside'
  | 'grantAccess'
  | 'refuseWrites'
> {
  return {
    existing: (plans) => findExisting(session, plans),
    makeSchema: (work, schema) => makeOwnSchema({ session, made, work }, schema),
    run: (work, steps, onStep) => runSteps({ session, made, work }, steps, onStep),
    emptyTables: (run, plans) => emptyTables(session, made, run, plans),
    undoCutover: (run) => undoCutover(session, made, run),
    dropStreamIndexes: (work) => dropStreamIndexes(session, made, work),
    dropMade: (run) => dropMade(session, made, run),
    setAside: (run) => setAside(session, made, run),
    refuseWrites: (run, plans) => refuseWrites(session, made, run, plans),
    grantAccess: (run, plans) => grantAccess(session, made, run, plans),
  };
}
