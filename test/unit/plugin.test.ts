import { existsSync } from 'node:fs';
import { MigrationPlugin } from '../../plugins';

const base = { taskQueue: 'any' };

test('a worker gets the workflows and every activity, and keeps its own', () => {
  const own = (): Promise<void> => Promise.resolve();
  const { activities, workflowsPath, workflowBundle } = new MigrationPlugin().configureWorker({
    ...base,
    activities: { own },
  });
  expect(Object.keys(activities ?? {})).toEqual(
    expect.arrayContaining(['own', 'preflight', 'copyChunks', 'verifyTables', 'unfreezeSource']),
  );
  const code = workflowBundle !== undefined && 'codePath' in workflowBundle ? workflowBundle.codePath : workflowsPath;
  expect(existsSync(code ?? '')).toBe(true);
});

test('workflows that a worker brings are not replaced', () => {
  const { workflowsPath, workflowBundle } = new MigrationPlugin().configureWorker({
    ...base,
    workflowsPath: '/their/workflows',
  });
  expect({ workflowsPath, workflowBundle }).toEqual({ workflowsPath: '/their/workflows', workflowBundle: undefined });
  const bundled = new MigrationPlugin().configureWorker({ ...base, workflowBundle: { codePath: '/their/bundle.js' } });
  expect(bundled).toMatchObject({ workflowBundle: { codePath: '/their/bundle.js' } });
  expect(bundled.workflowsPath).toBeUndefined();
});

test('an activity of the same name is refused, not overwritten', () => {
  const preflight = (): Promise<void> => Promise.resolve();
  expect(() => new MigrationPlugin().configureWorker({ ...base, activities: { preflight } })).toThrow(/preflight/);
});
