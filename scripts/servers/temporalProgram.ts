import { chmod, mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { TEMPORAL_VERSION } from './versions';
import { projectFolder, reasonOf, run, say } from './run';

const DOWNLOAD_LIMIT = 180_000;

/** Starting the SDK's development server downloads it first. In a process of its own it can be given a time limit. */
const DOWNLOAD = `
const { TestWorkflowEnvironment } = require('@temporalio/testing');
const [version, downloadDir] = process.argv.slice(1);
TestWorkflowEnvironment.createLocal({ server: { executable: { type: 'cached-download', version, downloadDir } } })
  .then((environment) => environment.teardown())
  .catch((error) => { console.error(error.message); process.exit(1); });
`;

/**
 * Fetches the Temporal CLI into a folder's `bin`: the SDK's own download, and where that host cannot be reached, a
 * build from source with Go, whose module proxy often can.
 */
export async function fetchTemporal(folder: string): Promise<void> {
  const bin = join(folder, 'bin');
  await mkdir(bin);
  const reasons: string[] = [];
  for (const fetchInto of [download, build]) {
    try {
      await fetchInto(folder, bin);
      await chmod(join(bin, 'temporal'), 0o755);
      return;
    } catch (error) {
      reasons.push(reasonOf(error));
    }
  }
  throw new Error(reasons.join('; '));
}

async function download(folder: string, bin: string): Promise<void> {
  say(`Downloading the Temporal CLI ${TEMPORAL_VERSION}`);
  const target = join(folder, 'download');
  await mkdir(target);
  const args = ['-e', DOWNLOAD, `v${TEMPORAL_VERSION}`, target];
  await run(process.execPath, args, { cwd: projectFolder(), limit: DOWNLOAD_LIMIT });
  const [program] = await readdir(target);
  if (program === undefined) throw new Error('the SDK downloaded no Temporal CLI');
  await rename(join(target, program), join(bin, 'temporal'));
  await rm(target, { recursive: true });
}

async function build(_folder: string, bin: string): Promise<void> {
  say(`Building the Temporal CLI ${TEMPORAL_VERSION} with Go instead; this takes minutes, once`);
  const source = `github.com/temporalio/cli/cmd/temporal@v${TEMPORAL_VERSION}`;
  await run('go', ['install', source], { environment: { GOBIN: bin } });
}
