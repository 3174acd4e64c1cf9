import { acceptanceActivities } from './acceptance';
import { assessDatabaseActivities } from './assessDatabase';
import { assessmentActivities } from './assessment';
import { backupActivities } from './backup';
import { buildTargetActivities } from './buildTarget';
import { changeStreamActivities } from './changeStream';
import { compareDatabasesActivities } from './compareDatabases';
import { copyActivities } from './copy';
import { cutoverActivities } from './cutover';
import type { WorkerEnvironment } from './environment';
import { extractActivities } from './extractWritten';
import { freezeActivities } from './freeze';
import { handOverActivities } from './handOver';
import { observeActivities } from './observe';
import { planActivities } from './plan';
import { preflightActivities } from './preflight';
import { prepareTargetActivities } from './prepareTarget';
import { reportActivities } from './report';
import { retryActivities } from './retryRejected';
import { searchAttributeActivities } from './searchAttributes';
import { schemaChangeActivities } from './schemaChange';
import { settleChangesActivities } from './settleChanges';
import { streamLagActivities } from './streamLag';
import { switchActivities } from './switchTraffic';
import { trialActivities } from './trial';
import { wayBackActivities } from './wayBack';
import { verifyActivities } from './verify';
import { verifyLiveActivities } from './verifyLive';

/** Every activity of the migrations, bound to what the worker's environment allows. */
export function createActivities(environment: WorkerEnvironment) {
  return {
    ...searchAttributeActivities(),
    ...preflightActivities(environment),
    ...assessmentActivities(environment),
    ...planActivities(environment),
    ...backupActivities(environment),
    ...trialActivities(environment),
    ...prepareTargetActivities(environment),
    ...freezeActivities(environment),
    ...copyActivities(environment),
    ...buildTargetActivities(environment),
    ...verifyActivities(environment),
    ...changeStreamActivities(environment),
    ...streamLagActivities(environment),
    ...verifyLiveActivities(environment),
    ...settleChangesActivities(environment),
    ...schemaChangeActivities(environment),
    ...handOverActivities(environment),
    ...cutoverActivities(environment),
    ...wayBackActivities(environment),
    ...retryActivities(environment),
    ...switchActivities(environment),
    ...observeActivities(environment),
    ...extractActivities(environment),
    ...acceptanceActivities(environment),
    ...reportActivities(environment),
    ...assessDatabaseActivities(environment),
    ...compareDatabasesActivities(environment),
  };
}

export type Activities = ReturnType<typeof createActivities>;

export { readEnvironment, type WorkerEnvironment } from './environment';
export { endOverdueFreezes } from './overdueFreezes';
