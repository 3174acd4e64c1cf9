import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { projectFolder, reasonOf, say } from './servers/run';

/**
 * Bundles the compiled workflows once, so that a worker starts without doing it, and without the memory it takes. The
 * interceptors that trace them are in a bundle apart: each workflow in a worker's memory has its own copy of its modules.
 */
async function main(): Promise<void> {
  const dist = join(projectFolder(), 'dist');
  await bundle(dist, 'bundle.js', []);
  await bundle(dist, 'tracedBundle.js', [join(dist, 'tracing', 'workflow.js')]);
}

async function bundle(dist: string, name: string, workflowInterceptorModules: string[]): Promise<void> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(dist, 'workflows', 'index.js'),
    workflowInterceptorModules,
    logger: new DefaultLogger('WARN'),
  });
  await writeFile(join(dist, 'workflows', name), code);
}

main().catch((error: unknown) => {
  say(reasonOf(error));
  process.exitCode = 1;
});
