import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const DRIVERS = ['mysql2', 'node_modules/pg/'];

test('the workflows bundle: no driver, file or network reaches workflow code', async () => {
  const { code } = await bundleWorkflowCode({
    workflowsPath: require.resolve('../../workflows'),
    logger: new DefaultLogger('ERROR'),
  });
  expect(code).toContain('databaseMigration');
  for (const driver of DRIVERS) expect(code).not.toContain(driver);
  // Each workflow in a worker's memory has its own copy of all that is in the bundle.
  expect(code).not.toContain('@opentelemetry/');
});

test('the traced bundle: the same workflows with interceptors, and no driver either', async () => {
  const { code } = await bundleWorkflowCode({
    workflowsPath: require.resolve('../../workflows'),
    workflowInterceptorModules: [require.resolve('../../tracing/workflow')],
    logger: new DefaultLogger('ERROR'),
  });
  for (const part of ['databaseMigration', '@opentelemetry/']) expect(code).toContain(part);
  for (const driver of [...DRIVERS, 'exporter-trace-otlp-http']) expect(code).not.toContain(driver);
});
