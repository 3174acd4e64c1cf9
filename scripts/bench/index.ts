import { reasonOf, say } from '../servers/run';
import { benchBack } from './applyBack';
import { benchApply } from './applyStream';
import { benchChangeLog } from './changeLog';
import { benchLargeValues } from './largeValues';
import { benchManyTables } from './manyTables';
import { benchMixed, benchPgloader } from './mixed';
import { benchWritePause } from './writePause';

const BENCHMARKS: Readonly<Record<string, () => Promise<string[]>>> = {
  mixed: () => benchMixed(2_000_000),
  pgloader: () => benchPgloader(2_000_000),
  tables: () => benchManyTables(1_000),
  values: () => benchLargeValues(10),
  log: () => benchChangeLog(400_000),
  apply: () => benchApply(400_000),
  pause: () => benchWritePause([10_000, 2_000_000], 20),
  'pause-short': () => benchWritePause([10_000], 3),
  back: () => benchBack(200_000),
};

/** `npm run bench [-- mixed pgloader tables values log apply back]`: the benchmarks of docs/benchmarks.md, all of them unless named. */
async function main(): Promise<void> {
  const alive = setInterval(() => undefined, 60_000);
  const named = process.argv.slice(2);
  for (const name of named.length > 0 ? named : Object.keys(BENCHMARKS)) {
    const bench = BENCHMARKS[name];
    if (bench === undefined)
      throw new Error(`there is no benchmark "${name}"; there are ${Object.keys(BENCHMARKS).join(', ')}`);
    say(`Measuring ${name}`);
    for (const line of await bench()) process.stdout.write(`${line}\n`);
  }
  clearInterval(alive);
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    say(reasonOf(error));
    process.exit(1);
  },
);
