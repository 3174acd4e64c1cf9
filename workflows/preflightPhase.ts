import type { PreflightAnswer, RunReference } from '../domain/activityMessages';
import type { MigrationInput } from '../domain/input';
import { quick } from './activityProxies';

/** Looks at both servers, the way to them and the worker's machine. */
export function lookAtBoth(run: RunReference, input: MigrationInput): Promise<PreflightAnswer> {
  const { strategy, targetSchema, targetGrants, tables, mapping, targetFreeBytes, cutover, backup, observe } = input;
  const summary = 'Logins, rights, versions, settings, network, room; nothing is changed';
  return quick.preflight.executeWithOptions({ summary }, [
    run,
    {
      strategy,
      targetSchema,
      targetGrants,
      tables,
      mapping,
      switch: cutover.switch,
      freeze: cutover.freeze,
      backup,
      replicas: input.copy.replicas,
      ...(observe.probe === undefined ? {} : { probeUrl: observe.probe.url }),
      ...(targetFreeBytes === undefined ? {} : { targetFreeBytes }),
    },
  ]);
}
