import { shareOut } from '../../pipeline/bothSides';
import { inBatches } from '../../pipeline/readBudget';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('lanes that share out work', () => {
  test('do each item once, and the quick lane more than the slow one', async () => {
    const done: [lane: string, item: number][] = [];
    const items = Array.from({ length: 20 }, (_, item) => item);
    await shareOut(['quick', 'slow'], items, async (lane, item) => {
      for (let turns = lane === 'slow' ? 10 : 1; turns > 0; turns--) await turn();
      done.push([lane, item]);
    });
    expect(done.map(([, item]) => item).sort((a, b) => a - b)).toEqual(items);
    expect(done.filter(([lane]) => lane === 'quick').length).toBeGreaterThan(15);
  });

  test('begin nothing after an error, and stop before it is thrown', async () => {
    const begun: number[] = [];
    const ended: number[] = [];
    const work = shareOut(['a', 'b'], [1, 2, 3, 4, 5, 6], async (_, item) => {
      begun.push(item);
      await turn();
      if (item === 2) throw new Error('the second fails');
      await turn();
      ended.push(item);
    });
    await expect(work).rejects.toThrow('the second fails');
    expect(begun).toEqual([1, 2]);
    expect(ended).toEqual([1]);
  });
});

test('batches hold neighbours up to a size, and what is larger alone', () => {
  expect(inBatches([3, 4, 4, 20, 1, 1, 9], (size) => size, 10)).toEqual([[3, 4], [4], [20], [1, 1], [9]]);
  expect(inBatches([], () => 1, 10)).toEqual([]);
});
