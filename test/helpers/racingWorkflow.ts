import { proxyActivities, sleep } from '@temporalio/workflow';

const { work, worked, slept } = proxyActivities<Record<'work' | 'worked' | 'slept', () => Promise<void>>>({
  startToCloseTimeout: 1_000,
});

/** What it does next depends on what it hears of first: the end of its work, or that of its sleep. */
export async function racing(): Promise<void> {
  const next = await Promise.race([work().then(() => worked), sleep(1_000).then(() => slept)]);
  await next();
}
