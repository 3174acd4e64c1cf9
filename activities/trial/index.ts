import type { RunReference, TrialWork } from '../../domain/activityMessages';
import { MigrationError } from '../../domain/errors';
import type { TrialResult } from '../../domain/trial';
import { PaceLimiter } from '../../pipeline/pace';
import { activity } from '../activity';
import { withBoth, withTarget } from '../engines';
import type { WorkerEnvironment } from '../environment';
import { keepPace } from '../paceKeeper';
import { removeTrial } from './scratch';
import { tryOut } from './tryOut';

/** What stops a migration when it meets it later, and so stops the trial. */
const STOPPING: ReadonlySet<string> = new Set(['ROW_REJECTED', 'BUILD_FAILED', 'VERIFICATION_FAILED']);

/** A part of the database moved to a scratch schema and compared, to learn beforehand what the cutover will meet. */
export function trialActivities(environment: WorkerEnvironment) {
  return {
    runTrial: activity(async (self, work: TrialWork): Promise<TrialResult> =>
      withBoth(environment, work.run, async (source, target) => {
        const pace = new PaceLimiter();
        // The pace of the migration itself: what a person says of its copy holds for the trial's.
        await using keeper = await keepPace(environment, work.run, pace);
        try {
          return await tryOut({ self, work, source, target, pace, keeper });
        } catch (error) {
          throw stoppedBy(error);
        }
      }),
    ),
    removeTrial: activity(
      async (_self, run: RunReference): Promise<void> =>
        withTarget(environment, run, (target) => removeTrial(target, run)),
      { persistent: true },
    ),
  };
}

function stoppedBy(error: unknown): unknown {
  if (!(error instanceof MigrationError)) return error;
  // Another attempt has taken over, as when this one stood still: whichever is the last begins anew.
  if (error.code === 'EPOCH_STALE') return new MigrationError('SERVER_BUSY', error.message, { cause: error });
  if (!STOPPING.has(error.code)) return error;
  const told = `the trial found what would stop the migration; nothing but the trial was made, and that is removed`;
  const advice =
    'mend it on the source, or say in mapping or rejectedRows how it is to be treated, and start again; trial.percent 0 leaves the trial out';
  return new MigrationError('TRIAL_FAILED', `${told}: ${error.code}: ${error.message}\n${advice}`, {
    cause: error,
    details: { ...error.details, found: error.code },
  });
}
