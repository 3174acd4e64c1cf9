import { setTimeout as wait } from 'node:timers/promises';
import type { BaselineRequest, ObserveRequest } from '../../domain/activityMessages';
import { MigrationError } from '../../domain/errors';
import { observationTotalsSchema, type Baseline, type ObservationTotals } from '../../domain/observe/observation';
import { median } from '../../domain/preflight/network';
import { activity } from '../activity';
import { allowedUrl } from '../allowed';
import { openSource, openTarget } from '../engines';
import type { WorkerEnvironment } from '../environment';
import { measureRoundTrip } from '../preflight/servers';
import { probeApplication } from './httpProbe';
import { Observer } from './observer';

const PROBES = 20;
const PROBE_EVERY_MS = 250;
/** Of a baseline's probes: with more errors the application is not in a state to be compared with. */
const MOST_ERRORS = PROBES / 2;

/** Watches the application and both databases while the target is live. Changes nothing on any of them. */
export function observeActivities(environment: WorkerEnvironment) {
  return {
    takeBaseline: activity(async (self, { run, probeUrl }: BaselineRequest): Promise<Baseline> => {
      const application = await askApplication(environment, probeUrl, self.signal);
      await using source = await openSource(environment, run.source);
      await using target = await openTarget(environment, run.target);
      return {
        ...application,
        sourceMs: tenths(await measureRoundTrip(source.probe)),
        targetMs: tenths(await measureRoundTrip(target.probe)),
      };
    }),
    observeWindow: activity(async (self, request: ObserveRequest): Promise<ObservationTotals> => {
      // An attempt that died has told in its heartbeats how far it had come.
      const before = observationTotalsSchema.safeParse(self.shownBefore);
      const totals = before.success ? before.data : request.totals;
      const observer = new Observer(environment, request, totals, self.signal, (shown) => self.show(shown));
      const observed = await observer.observe();
      if (self.signal.aborted) throw new MigrationError('INTERNAL', 'the observation was cut off');
      return observed;
    }),
  };
}

async function askApplication(
  environment: WorkerEnvironment,
  probeUrl: string | null,
  signal: AbortSignal,
): Promise<Pick<Baseline, 'applicationMs' | 'missing'>> {
  if (probeUrl === null) return { applicationMs: null, missing: null };
  const url = allowedUrl(environment, probeUrl);
  const times: number[] = [];
  let [errors, last] = [0, ''];
  for (let probe = 0; probe < PROBES && errors <= MOST_ERRORS; probe += 1) {
    const { ms, error } = await probeApplication(url, signal);
    signal.throwIfAborted();
    if (error === null) times.push(ms);
    else [errors, last] = [errors + 1, error];
    await wait(PROBE_EVERY_MS, undefined, { signal });
  }
  if (errors > MOST_ERRORS) return { applicationMs: null, missing: last };
  return { applicationMs: tenths(median(times)), missing: null };
}

function tenths(ms: number): number {
  return Math.round(ms * 10) / 10;
}
