import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';

const FOLDER = join(__dirname, 'histories');
const NAMES = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));

beforeAll(() => Runtime.install({ logger: new DefaultLogger('ERROR') }));

test('there are histories of every way a migration ends, and of what runs alone', () => {
  expect(NAMES.map((name) => name.replace('.json', '')).sort()).toEqual([
    ...['accepted', 'assessed', 'cancelled', 'compared', 'paused', 'rejected', 'rolledBack'],
  ]);
});

test.each(NAMES)('a migration begun by an earlier release goes on under this one: %s', async (name) => {
  const history: unknown = JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));
  const workflowsPath = require.resolve('../../workflows');
  await Worker.runReplayHistory({ workflowsPath }, history, name.replace('.json', ''));
});

test.each(NAMES)('%s stays small, and tells nothing of the machine it was recorded on', (name) => {
  const text = readFileSync(join(FOLDER, name), 'utf8');
  const { events } = JSON.parse(text) as { events: unknown[] };
  expect(events.length).toBeLessThan(500);
  const payloads = [...text.matchAll(/"data": "([^"]+)"/g)].map(([, data]) =>
    Buffer.from(data ?? '', 'base64').toString('utf8'),
  );
  expect(`${text}${payloads.join('')}`).not.toMatch(/\/tmp\/|\/work\/|\/home\/|password/);
});
