import { ComparisonMemory } from '../../activities/compare/memory';
import type { VerifiedPart } from '../../engines/engine';

const part = (rows: number, mismatches = 0): VerifiedPart => ({
  sourceRows: rows,
  targetRows: rows,
  verifiedRows: rows - mismatches,
  mismatches,
  examples: Array.from({ length: mismatches }, (_, index) => ({
    table: 'a',
    key: [String(index)],
    kind: 'different' as const,
    columns: ['n'],
  })),
});

/** What an attempt shows last, as a heartbeat brings it to the next one: through JSON. */
function attempt(before: unknown): { memory: ComparisonMemory; shown: () => unknown } {
  let last: object = {};
  const memory = new ComparisonMemory(before, (details) => (last = details));
  return { memory, shown: () => JSON.parse(JSON.stringify(last)) as unknown };
}

test('what an attempt has compared, the next one does not compare again; bounds are chosen once', async () => {
  const first = attempt(undefined);
  first.memory.end('whole', part(5));
  expect(await first.memory.begin('cut', () => Promise.resolve([['10'], ['20']]))).toEqual([['10'], ['20']]);
  first.memory.addPart('chunks 0 to 0', part(10, 2));

  const { memory } = attempt(first.shown());
  expect(memory.of('whole')).toEqual(part(5));
  expect(memory.of('cut')).toBeUndefined();
  const choose = jest.fn(() => Promise.resolve([['99']]));
  expect(await memory.begin('cut', choose)).toEqual([['10'], ['20']]);
  expect(choose).not.toHaveBeenCalled();
  expect([...memory.parts]).toEqual([['chunks 0 to 0', part(10, 2)]]);
  memory.end('cut', part(30));
  await memory.begin('next', choose);
  expect([...memory.parts]).toEqual([]);
});

test('a heartbeat stays small: what does not fit is compared again, and what was shown still holds together', () => {
  const { memory, shown } = attempt(undefined);
  for (let table = 0; table < 5_000; table += 1) memory.end(`table ${table}`, part(1));
  expect(JSON.stringify(shown()).length).toBeLessThan(300_000);
  const next = new ComparisonMemory(shown(), () => undefined);
  expect(next.of('table 0')).toEqual(part(1));
  expect(next.of('table 4999')).toBeUndefined();
});

test.each([undefined, null, {}, 'text', { compared: [[1, 2]], current: null }])(
  'what is no memory of ours is none: %j',
  (before) => {
    expect(attempt(before).memory.of('whole')).toBeUndefined();
  },
);
