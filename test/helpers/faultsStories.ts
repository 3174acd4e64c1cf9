import type { FaultStage } from './faultsStage';

/**
 * Declares a test for each story, and runs them all side by side on one stage: most of their time goes by waiting for
 * Temporal to notice that a worker is gone.
 */
export function stories(
  open: () => Promise<FaultStage>,
  told: Readonly<Record<string, (stage: FaultStage) => Promise<void>>>,
): void {
  let stage: FaultStage | undefined;
  const running = new Map<string, Promise<void>>();
  beforeAll(async () => {
    const opened = (stage = await open());
    for (const [name, story] of Object.entries(told)) {
      const ended = story(opened);
      // Its own test awaits it, perhaps later.
      ended.catch(() => undefined);
      running.set(name, ended);
    }
  });
  afterAll(async () => stage?.[Symbol.asyncDispose]());
  test.each(Object.keys(told))('%s', async (name) => running.get(name));
}
