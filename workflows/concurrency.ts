import { CancellationScope } from '@temporalio/workflow';

type Work = () => Promise<void>;

/** Runs the works side by side. The first failure cancels the others, waits until they have stopped, and is thrown. */
export async function together(works: readonly Work[]): Promise<void> {
  const scope = new CancellationScope();
  const failures: unknown[] = [];
  await scope.run(() =>
    Promise.all(
      works.map((work) =>
        work().catch((error: unknown) => {
          failures.push(error);
          scope.cancel();
        }),
      ),
    ),
  );
  if (failures.length > 0) throw failures[0];
}

/** Runs `work` over the items in order, at most `limit` at a time; a failure ends them all as in `together`. */
export async function inPool<T>(items: readonly T[], limit: number, work: (item: T) => Promise<void>): Promise<void> {
  const queue = [...items];
  const lane: Work = async () => {
    for (let item = queue.shift(); item !== undefined; item = queue.shift()) await work(item);
  };
  await together(Array.from({ length: Math.min(limit, items.length) }, () => lane));
}
