import { once } from 'node:events';
import { reasonOf, say } from '../servers/run';
import { Demo } from './demo';

/** `npm run demo`: a whole migration on real servers. `-- --yes` answers its questions and ends the servers. */
async function main(): Promise<void> {
  const yes = process.argv.includes('--yes');
  const flavour = process.argv.includes('--mariadb') ? 'mariadb' : 'mysql';
  const rows = Number(
    /^--rows=(\d+)$/.exec(process.argv.find((word) => word.startsWith('--rows=')) ?? '')?.[1] ?? 1_000_000,
  );
  const interrupted = Promise.race([once(process, 'SIGINT'), once(process, 'SIGTERM')]);
  // Servers alone do not keep this process up, and must not: it is what ends them.
  const alive = setInterval(() => undefined, 60_000);
  const demo = await Demo.start({ yes, flavour, rows });
  try {
    await Promise.race([
      demo.migrate(),
      interrupted.then(() => {
        throw new Error('interrupted');
      }),
    ]);
    if (!yes) {
      say('The servers stay up until Ctrl-C.');
      await interrupted;
    }
  } finally {
    await demo.stop();
    clearInterval(alive);
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    say(reasonOf(error));
    process.exit(1);
  },
);
