import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { DefaultLogger, Runtime, Worker } from '@temporalio/worker';
import { projectFolder, run } from '../../scripts/servers/run';
import { compiledEntry } from '../helpers/compiled';
import { OtlpReceiver, type ReceivedSpan } from '../helpers/otlpReceiver';
import { until } from '../helpers/faultsUntil';
import { MigrationStage } from '../helpers/migrationStage';
import { findSecrets, passwordsOf } from '../helpers/secretSearch';

/** The names of a span and of those above it, the outermost first. */
function pathOf(span: ReceivedSpan, spans: readonly ReceivedSpan[]): string[] {
  const parent = spans.find(({ spanId }) => spanId === span.parentSpanId);
  return [...(parent === undefined ? [] : pathOf(parent, spans)), span.name];
}

const idsOf = (spans: readonly ReceivedSpan[]): Set<string> => new Set(spans.map(({ traceId }) => traceId));
const orphansOf = (spans: readonly ReceivedSpan[]): string[] => {
  const ids = new Set(spans.map(({ spanId }) => spanId));
  return spans.filter(({ parentSpanId }) => parentSpanId !== undefined && !ids.has(parentSpanId)).map((s) => s.name);
};

const WITHOUT_TRIAL = { trial: { percent: 0 } };
/** Where the spans of a replay go. */
const NO_SINK = { exporter: { export: { fn: () => undefined } } };

describe('a migration that is traced', () => {
  let stage: MigrationStage;
  let collector: OtlpReceiver;
  beforeAll(async () => {
    collector = await OtlpReceiver.open();
    stage = await MigrationStage.open({
      load: `CREATE TABLE t (id INT PRIMARY KEY); INSERT INTO t VALUES (1), (2), (3)`,
    });
  });
  afterAll(async () => {
    await stage[Symbol.asyncDispose]();
    await collector[Symbol.asyncDispose]();
  });

  const traced = (to = collector) => ({ OTEL_EXPORTER_OTLP_ENDPOINT: to.url, OTEL_SERVICE_NAME: 'shop-migrator' });

  test('is one trace, each span in its place, though its worker is killed; its histories replay traced and not', async () => {
    const killed = await stage.startWorker(traced());
    const migration = await stage.start(WITHOUT_TRIAL);
    const spans = (): ReceivedSpan[] => collector.tracesOf(migration.workflowId);
    await until('all that has ended is sent', () => spans().some(({ name }) => name === 'StartActivity:writeReport'));
    await killed.kill();
    const next = await stage.startWorker(traced());
    await migration.signal('approveCutover', { approver: 'ann' });
    await migration.until(({ waitingFor }) => waitingFor === 'acceptance');
    await migration.signal('requestRollback', { by: 'ann', reason: 'enough seen' });
    await migration.result();
    await next.stop();

    expect([idsOf(spans()).size, orphansOf(spans())]).toEqual([1, []]);
    expect(new Set(spans().map(({ resource }) => resource['service.instance.id'])).size).toBe(2);
    const run = 'RunWorkflow:databaseMigration';
    const copy = ['Phase:cutover', 'Phase:copy', 'StartChildWorkflow:tableCopy', 'RunWorkflow:tableCopy'];
    const expected = [
      [run],
      [run, 'Phase:preflight', 'StartActivity:preflight', 'RunActivity:preflight'],
      [run, 'Phase:awaiting approval', 'StartActivity:writeReport', 'RunActivity:writeReport'],
      [run, 'HandleSignal:approveCutover'],
      [run, ...copy, 'StartActivity:copyChunks', 'RunActivity:copyChunks'],
      [run, 'HandleSignal:requestRollback'],
      [run, 'Phase:compensation', 'StartActivity:closeRun', 'RunActivity:closeRun'],
    ].map((path) => path.join(' > '));
    expect(spans().map((span) => pathOf(span, spans()).join(' > '))).toEqual(expect.arrayContaining(expected));
    expect(spans().find(({ name }) => name === 'RunActivity:copyChunks')).toMatchObject({
      attributes: {
        temporalWorkflowId: `${migration.workflowId}/copy/batch-1`,
        temporalActivityType: 'copyChunks',
        temporalAttempt: 1,
      },
      resource: { 'service.name': 'shop-migrator' },
    });
    expect(spans().find(({ name }) => name === 'StartActivity:copyChunks')?.attributes).toMatchObject({
      temporalSummary: 'Copy t',
    });
    const told = collector.bodies.map((content, index) => ({ name: `request ${index}`, content }));
    expect(findSecrets(passwordsOf([stage.sourceUrl, stage.targetUrl]), told)).toEqual([]);
    await replayBothWays(migration.workflowId);
  });

  async function replayBothWays(workflowId: string): Promise<void> {
    Runtime.install({ logger: new DefaultLogger('ERROR') });
    const connection = await Connection.connect({ address: stage.cli.address });
    try {
      const { workflow } = new Client({ connection });
      for (const id of ['', '/copy/batch-1', '/verify/batch-1'].map((child) => `${workflowId}${child}`)) {
        const history = await workflow.getHandle(id).fetchHistory();
        for (const name of ['bundle.js', 'tracedBundle.js']) {
          const codePath = join(projectFolder(), 'dist', 'workflows', name);
          await Worker.runReplayHistory({ workflowBundle: { codePath }, sinks: NO_SINK }, history, id);
        }
      }
    } finally {
      await connection.close();
    }
  }

  test('tells of what failed its code and its words, on each span up to the run', async () => {
    const worker = await stage.startWorker(traced());
    const failing = await stage.start({ source: 'nowhere' }, 'databaseAssessment');
    await stage.cli.result(failing.workflowId);
    await worker.stop();
    const failed = collector
      .tracesOf(failing.workflowId)
      .filter(({ attributes }) => attributes['error.type'] === 'CONNECTION_UNKNOWN');
    const inner = failed.find(({ name }) => name === 'RunActivity:preflight')!;
    expect(pathOf(inner, failed)).toEqual([
      'RunWorkflow:databaseAssessment',
      'Phase:preflight',
      'StartActivity:preflight',
      'RunActivity:preflight',
    ]);
    const status = { code: 2, message: expect.stringContaining('knows no connection "nowhere"') as string };
    expect(failed.map((span) => span.status)).toEqual(failed.map(() => status));
  });

  test('is not traced unless asked, waits for no collector, and can be traced from the middle on', async () => {
    await using silent = await OtlpReceiver.open({ silent: true });
    const before = collector.connections;
    const untraced = await stage.startWorker({ ...traced(), OTEL_SDK_DISABLED: 'true' });
    const migration = await stage.start(WITHOUT_TRIAL);
    await migration.until(({ waitingFor }) => waitingFor === 'approval');
    await untraced.stop();
    expect(collector.connections).toBe(before);

    const unheard = await stage.startWorker({ ...traced(silent), OTEL_EXPORTER_OTLP_TIMEOUT: '60000' });
    await migration.approve();
    await migration.until(({ waitingFor }) => waitingFor === 'acceptance');
    const stopped = Date.now();
    await unheard.stop();
    expect(Date.now() - stopped).toBeLessThan(20_000);
    expect(silent.bodies.length).toBeGreaterThan(0);

    const heard = await stage.startWorker(traced());
    await migration.accept();
    await heard.stop();
    const spans = collector.tracesOf(migration.workflowId);
    expect([idsOf(spans).size, orphansOf(spans)]).toEqual([1, []]);
    expect(spans.map(({ name }) => name)).toEqual(
      expect.arrayContaining(['RunWorkflow:databaseMigration', 'HandleSignal:acceptMigration', 'Phase:retire']),
    );
  });

  test('a worker that is not to trace loads nothing of OpenTelemetry', async () => {
    const main = JSON.stringify(await compiledEntry('workers/main'));
    // There is no Temporal at this address, so it ends at once.
    const listed =
      "process.on('exit', () => { console.log(Object.keys(require.cache).join()); process.exitCode = 0; });";
    const loaded = await run(process.execPath, ['-e', `${listed} require(${main});`], {
      environment: { TEMPORAL_ADDRESS: '127.0.0.1:1' },
    });
    expect(loaded).toContain('workers/main.js');
    expect(loaded).not.toMatch(/opentelemetry|tracing\/index/);
  });

  test('a worker that cannot trace as it is asked to does not start', async () => {
    await expect(stage.startWorker({ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' })).rejects.toThrow(
      /OTEL_EXPORTER_OTLP_ENDPOINT: a URL that begins with http/,
    );
  });
});
