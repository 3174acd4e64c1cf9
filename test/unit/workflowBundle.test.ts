import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

test('the workflows bundle: no driver, file or network reaches workflow code', async () => {
  const { code } = await bundleWorkflowCode({
    workflowsPath: require.resolve('../../workflows'),
    logger: new DefaultLogger('ERROR'),
  });
  expect(code).toContain('databaseMigration');
  for (const driver of ['mysql2', 'node_modules/pg/']) expect(code).not.toContain(driver);
});
