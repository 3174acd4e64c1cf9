import { PaceLimiter } from '../../pipeline/pace';

test('a wait that is over before it has begun is no error, and holds nobody', async () => {
  const pace = new PaceLimiter();
  // So fast that a token often comes between two looks at the clock.
  pace.setRate(1_000_000);
  for (let row = 0; row < 100_000; row++) {
    pace.count();
    const wait = pace.pressure();
    if (wait !== null) await wait;
  }
});

test('rows come at the rate, and at the new one as soon as it changes', async () => {
  const pace = new PaceLimiter();
  pace.setRate(10_000);
  const begun = performance.now();
  for (let row = 0; row < 2_000; row++) {
    pace.count();
    await pace.pressure();
  }
  expect(performance.now() - begun).toBeGreaterThan(90);
  pace.setRate(0.001);
  pace.count();
  const wait = pace.pressure();
  expect(wait).not.toBeNull();
  pace.setRate(0);
  await wait;
  expect(pace.pressure()).toBeNull();
});
