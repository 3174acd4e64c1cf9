import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { projectFolder, reasonOf, say } from './servers/run';

/** Bundles the compiled workflows once, so that a worker starts without doing it, and without the memory it takes. */
async function main(): Promise<void> {
  const workflows = join(projectFolder(), 'dist', 'workflows');
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(workflows, 'index.js'),
    logger: new DefaultLogger('WARN'),
  });
  await writeFile(join(workflows, 'bundle.js'), code);
}

main().catch((error: unknown) => {
  say(reasonOf(error));
  process.exitCode = 1;
});
