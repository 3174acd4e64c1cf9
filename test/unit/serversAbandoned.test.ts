import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { startPostgres } from '../../scripts/servers';
import { hasEnded } from '../../scripts/servers/processes';
import { projectFolder } from '../../scripts/servers/run';
import { compiledEntry } from '../helpers/compiled';

const Server = z.object({ pid: z.number(), folder: z.string() });

/** A process that starts a server, prints where it is, and then ends as it is told. */
async function startElsewhere(
  end: string,
): Promise<{ child: ReturnType<typeof spawn>; server: z.infer<typeof Server> }> {
  const servers = dirname(await compiledEntry('scripts/servers/index'));
  const script = `
    const alive = setInterval(() => undefined, 1000);
    require(${JSON.stringify(servers)}).startPostgres().then(({ pid, folder }) => {
      process.stdout.write(JSON.stringify({ pid, folder }));
      ${end}
    });`;
  const child = spawn(process.execPath, ['-e', script], { stdio: ['ignore', 'pipe', 'inherit'], cwd: projectFolder() });
  const [text] = (await once(child.stdout, 'data')) as [Buffer];
  return { child, server: Server.parse(JSON.parse(text.toString())) };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 20));
}

describe('a server whose owner', () => {
  test('exits goes with it, data and all', async () => {
    const { child, server } = await startElsewhere('process.exit(3);');
    if (child.exitCode === null) await once(child, 'exit');
    expect(child.exitCode).toBe(3);
    await until(() => hasEnded(server.pid));
    expect(existsSync(server.folder)).toBe(false);
  });

  test('was killed is ended, and its data deleted, by the next start', async () => {
    const { child, server } = await startElsewhere('');
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(existsSync(join(server.folder, 'data'))).toBe(true);

    const next = await startPostgres();
    await until(() => hasEnded(server.pid));
    expect(existsSync(server.folder)).toBe(false);
    await next.remove();
  });
});
