import { long } from './activityProxies';
import type { Migration } from './migration';

/** Has users' requests wait where a step of the switch can do that, before the side that they go to takes no writes any more. */
export async function holdTraffic({ input, run }: Migration, next: 'source' | 'target'): Promise<void> {
  for (const step of input.cutover.switch) {
    if (step.kind !== 'haproxy') continue;
    await long.holdTraffic.executeWithOptions({ summary: `Have requests wait: ${step.kind}` }, [run, step, next]);
  }
}
