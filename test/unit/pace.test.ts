import { PaceLimiter } from '../../pipeline/pace';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

/** Gives rows in so many lanes, as the limiter allows, for so many milliseconds; answers how many came. */
async function rowsWithin(pace: PaceLimiter, ms: number, lanes = 1): Promise<number> {
  const end = performance.now() + ms;
  let rows = 0;
  const giving = Array.from({ length: lanes }, async () => {
    for (;;) {
      const pressure = pace.pressure();
      if (pressure) await pressure;
      if (performance.now() > end) return;
      pace.count();
      rows++;
    }
  });
  await jest.advanceTimersByTimeAsync(ms + 2_000);
  await Promise.all(giving);
  return rows;
}

test('without a rate nobody ever waits', () => {
  const pace = new PaceLimiter();
  for (let row = 0; row < 1_000_000; row++) pace.count();
  expect(pace.pressure()).toBeNull();
});

test.each([1, 10, 1_000, 250_000])('%d rows a second come at that rate', async (rate) => {
  const pace = new PaceLimiter();
  pace.setRate(rate);
  const rows = await rowsWithin(pace, 10_000);
  expect(rows).toBeGreaterThanOrEqual(rate * 10 * 0.98);
  expect(rows).toBeLessThanOrEqual(rate * 10 * 1.02 + 1);
});

test('lanes share one rate', async () => {
  const pace = new PaceLimiter();
  pace.setRate(1_000);
  const rows = await rowsWithin(pace, 5_000, 3);
  expect(rows).toBeGreaterThanOrEqual(4_900);
  expect(rows).toBeLessThanOrEqual(5_110);
});

test('a new rate takes effect at once, also for who is waiting', async () => {
  const pace = new PaceLimiter();
  pace.setRate(0.001);
  const woken: string[] = [];
  void pace.pressure()?.then(() => woken.push('faster'));
  await jest.advanceTimersByTimeAsync(1_000);
  expect(woken).toEqual([]);
  pace.setRate(1_000);
  await jest.advanceTimersByTimeAsync(2);
  expect(woken).toEqual(['faster']);

  pace.setRate(0.001);
  void pace.pressure()?.then(() => woken.push('unlimited'));
  pace.setRate(0);
  await jest.advanceTimersByTimeAsync(0);
  expect(woken).toEqual(['faster', 'unlimited']);
});

test('what was owed at a high rate is not held against a low one', async () => {
  const pace = new PaceLimiter();
  pace.setRate(1_000_000);
  for (let row = 0; row < 50_000; row++) pace.count();
  pace.setRate(10);
  let woken = false;
  void pace.pressure()?.then(() => (woken = true));
  await jest.advanceTimersByTimeAsync(150);
  expect(woken).toBe(true);
});

test('a wait that is over before it has begun is no error, and holds nobody', async () => {
  jest.useRealTimers();
  const pace = new PaceLimiter();
  // So fast that a token often comes between two looks at the clock.
  pace.setRate(1_000_000);
  for (let row = 0; row < 100_000; row++) {
    pace.count();
    const wait = pace.pressure();
    if (wait !== null) await wait;
  }
});
