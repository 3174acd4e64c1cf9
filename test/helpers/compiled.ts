import { join } from 'node:path';
import { projectFolder, run } from '../../scripts/servers/run';

let compiling: Promise<unknown> | undefined;

/** The path of a compiled entry, such as `workers/main`, to run as a process of its own; compiles what has changed. */
export async function compiledEntry(entry: string): Promise<string> {
  compiling ??= run(process.execPath, [join(projectFolder(), 'scripts', 'launch.mjs'), '--stages', 'build']);
  await compiling;
  return join(projectFolder(), 'dist', `${entry}.js`);
}
