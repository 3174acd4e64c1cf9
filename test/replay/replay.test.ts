import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { withSettings } from '../../tracing/workflowSettings';

const FOLDER = join(__dirname, 'histories');
const NAMES = readdirSync(FOLDER).filter((name) => name.endsWith('.json'));

/** Hears of every span, as a worker's own sink does not: that one is deaf to replays. */
class Sink {
  readonly names: string[] = [];
  readonly exporter = {
    export: {
      fn: (_info: unknown, spans: readonly { readonly name: string }[]): void => {
        this.names.push(...spans.map(({ name }) => name));
      },
      callDuringReplay: true,
    },
  };
}

const codes = { untraced: '', traced: '' };
beforeAll(async () => {
  const logger = new DefaultLogger('ERROR');
  Runtime.install({ logger });
  const workflowsPath = require.resolve('../../workflows');
  const workflowInterceptorModules = [require.resolve('../../tracing/workflow')];
  codes.untraced = (await bundleWorkflowCode({ workflowsPath, logger })).code;
  codes.traced = (await bundleWorkflowCode({ workflowsPath, workflowInterceptorModules, logger })).code;
});

/** Replays a history; answers the names of the spans that were told of. */
async function replay(name: string, code: string): Promise<readonly string[]> {
  const history: unknown = JSON.parse(readFileSync(join(FOLDER, name), 'utf8'));
  const { names, exporter } = new Sink();
  await Worker.runReplayHistory({ workflowBundle: { code }, sinks: { exporter } }, history, name.replace('.json', ''));
  return names;
}

test('there are histories of every way a migration ends, and of what runs alone', () => {
  expect(NAMES.map((name) => name.replace('.json', '')).sort()).toEqual([
    ...['accepted', 'assessed', 'cancelled', 'compared', 'liveAccepted', 'liveRolledBack', 'paused', 'rejected'],
    'rolledBack',
  ]);
});

test.each(NAMES)('a migration begun by an earlier release goes on under this one: %s', async (name) => {
  expect(await replay(name, codes.untraced)).toEqual([]);
});

test.each(NAMES)('a migration that was not traced goes on under a worker that traces: %s', async (name) => {
  expect(await replay(name, codes.traced)).toContainEqual(expect.stringMatching(/^RunWorkflow:/));
  expect(await replay(name, withSettings(codes.traced, { OTEL_TRACES_SAMPLER: 'always_off' }))).toEqual([]);
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
