import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { projectFolder, reasonOf, say } from '../servers/run';
import { chaosRun, type ChaosRun } from './run';

const RUNS = 100;
const CHANGES_PER_SECOND = 2_500;
const CHANGES_AFTER = 15_000;
const COPY_ROWS_PER_SECOND = 5_000;
const FAULTS_MS = 240_000;

const { values } = parseArgs({
  options: {
    /** The seed of the first run. */
    seed: { type: 'string' },
    /** How many runs, from the seed on. */
    runs: { type: 'string' },
    /** One line of JSON for each run that has been made. */
    results: { type: 'string', default: join(projectFolder(), 'reports', 'chaos', 'results.jsonl') },
  },
});

/**
 * `npm run chaos`: seeds 1 to 100, those left out that the results have already; `-- --seed 17` makes that run again,
 * whatever the results have, and `-- --runs 10` the first ten.
 */
async function main(): Promise<boolean> {
  // An exit in good order ends the servers, and the worker.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
  const { results } = values;
  const isOne = values.seed !== undefined;
  const first = Number(values.seed ?? 1);
  const runs = Number(values.runs ?? (isOne ? 1 : RUNS));
  if (!Number.isInteger(first) || !Number.isInteger(runs) || runs < 1)
    throw new Error('seed and runs are whole numbers');
  mkdirSync(dirname(results), { recursive: true });
  const done = new Set(isOne ? [] : read(results).map(({ seed }) => seed));
  for (let seed = first; seed < first + runs; seed += 1) {
    if (done.has(seed)) continue;
    const run = await chaosRun({
      seed,
      failures: dirname(results),
      changesPerSecond: CHANGES_PER_SECOND,
      changesAfter: CHANGES_AFTER,
      copyRowsPerSecond: COPY_ROWS_PER_SECOND,
      faultsMs: FAULTS_MS,
    });
    appendFileSync(results, `${JSON.stringify(run)}\n`);
    say(inWords(run));
  }
  return summary(read(results));
}

/** The last run of each seed counts. */
function read(results: string): ChaosRun[] {
  if (!existsSync(results)) return [];
  const lines = readFileSync(results, 'utf8').split('\n').filter(Boolean);
  return [...new Map(lines.map((line) => JSON.parse(line) as ChaosRun).map((run) => [run.seed, run])).values()];
}

function inWords({
  seed,
  flavour,
  ending,
  ok,
  seconds,
  changes,
  changesPerSecond,
  faults,
  cutovers,
  ...run
}: ChaosRun): string {
  const kills = Object.values(faults).reduce((sum, count) => sum + count, 0);
  const head = `chaos: seed ${seed}, ${flavour}, ${ending}: ${ok ? 'ok' : 'FAILED'}`;
  const work = `${seconds} s, ${changes} row changes (${changesPerSecond}/s), ${kills} faults, ${cutovers} cutovers`;
  const told = [...run.problems, ...run.manualSteps].map((line) => `\n  ${line}`).join('');
  return `${head}, ${work}${told}`;
}

/** Whether every run is as promised. */
function summary(runs: readonly ChaosRun[]): boolean {
  const sum = (of: (run: ChaosRun) => number): number => runs.reduce((total, run) => total + of(run), 0);
  const kills = sum(({ faults }) => Object.values(faults).reduce((total, count) => total + count, 0));
  const failed = runs.filter(({ ok }) => !ok).map(({ seed }) => seed);
  say(
    `chaos: ${runs.length} runs, ${kills} faults, ${sum(({ changes }) => changes)} row changes, ${Math.round(sum(({ seconds }) => seconds))} s; ` +
      (failed.length === 0 ? 'all ok' : `failed: seeds ${failed.join(', ')}`),
  );
  return failed.length === 0;
}

main().then(
  (ok) => process.exit(ok ? 0 : 1),
  (error: unknown) => {
    say(reasonOf(error));
    process.exit(1);
  },
);
