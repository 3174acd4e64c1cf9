import type { MigrationResult, Progress } from '../../domain/result';
import type { MigrationRun } from '../../scripts/migrationRun';
import { MigrationStage } from '../helpers/migrationStage';
import { slowLink } from '../helpers/slowLink';

/** A table of 2 to the power of so many rows, all alike but for their number. */
const tableOf = (name: string, definitions: Readonly<Record<string, string>>, values: string, power: number) => {
  const columns = Object.keys(definitions).join(', ');
  const defined = Object.entries(definitions).map(([column, type]) => `${column} ${type}`);
  return `
    CREATE TABLE ${name} (id INT AUTO_INCREMENT PRIMARY KEY, ${defined.join(', ')});
    INSERT INTO ${name} (${columns}) VALUES (${values});
    ${Array.from({ length: power }, () => `INSERT INTO ${name} (${columns}) SELECT ${columns} FROM ${name};`).join('\n')}
    ANALYZE TABLE ${name};`;
};

interface Watched {
  /** Every answer of the query while the copy ran, and when it was asked, on the clock of this machine. */
  readonly answers: readonly { readonly at: number; readonly progress: Progress }[];
  readonly beganAt: number;
  readonly endedAt: number;
}

async function watchCopy(stage: MigrationStage, run: MigrationRun): Promise<Watched> {
  const answers: { at: number; progress: Progress }[] = [];
  await run.until(
    ({ phase }) => phase === 'buildTarget' || phase === 'verify',
    (progress) => {
      if (progress.phase === 'copy') answers.push({ at: Date.now(), progress });
    },
  );
  const { phases } = (await stage.cli.query(run.workflowId, 'report')) as MigrationResult;
  const copy = phases.find(({ name }) => name === 'copy');
  const beganAt = Date.parse(copy?.startedAt ?? '');
  return { answers, beganAt, endedAt: beganAt + (copy?.durationMs ?? NaN) };
}

/**
 * The answers after the first tenth that are off by more than a fifth of what is left, or than a second near the end,
 * where they are more than one in twenty: a machine stands still for a moment now and then. Answers are whole seconds.
 */
function wrong({ answers, beganAt, endedAt }: Watched): string[] {
  const judged = answers.filter(({ at }) => at >= beganAt + (endedAt - beganAt) / 10 && at < endedAt);
  expect(judged.length).toBeGreaterThan(20);
  const off = judged.flatMap(({ at, progress: { etaSeconds, rowsCopied } }) => {
    const left = (endedAt - at) / 1_000;
    if (etaSeconds !== null && Math.abs(etaSeconds - left) - 0.5 <= Math.max(left / 5, 1)) return [];
    return [
      `at ${((at - beganAt) / 1_000).toFixed(1)} s ${etaSeconds} s and not ${left.toFixed(1)}, ${rowsCopied} rows`,
    ];
  });
  return off.length > judged.length / 20 ? off : [];
}

test('a throttled copy tells its end within a fifth from its first tenth on, and moves all the time', async () => {
  // Less than a chunk, which is committed at the very end.
  await using stage = await MigrationStage.open({
    load: tableOf('items', { words: 'VARCHAR(200) NOT NULL' }, `REPEAT('word', 30)`, 15),
  });
  await stage.startWorker();
  const run = await stage.start({ copy: { rowsPerSecond: 2_500 } });
  await run.approve();
  const watched = await watchCopy(stage, run);
  expect(wrong(watched)).toEqual([]);
  const rows = watched.answers.map(({ progress }) => progress.rowsCopied);
  expect(rows).toEqual([...rows].sort((a, b) => a - b));
  expect(new Set(rows).size).toBeGreaterThan(8);
});

test('a copy of wide and of narrow rows over a slow network tells its end as well', async () => {
  const wide = tableOf('wide', { body: 'TEXT' }, `REPEAT('wide ', 4000)`, 8);
  const narrow = tableOf('narrow', { a: 'INT', b: 'INT' }, '1234567, 12', 18);
  await using stage = await MigrationStage.open({ load: wide + narrow });
  const source = new URL(stage.sourceUrl);
  // So slow that the link sets the pace of both kinds of rows, whatever else the machine has to do.
  await using link = await slowLink(Number(source.port), 600_000);
  source.port = String(link.port);
  await stage.startWorker({ MIGRATION_CONNECTION_SHOP_MYSQL: source.href });
  // So small a database needs more of it tried to tell anything.
  const run = await stage.start({ copy: { chunkBytes: 524_288 }, trial: { percent: 10 } });
  await run.approve();
  const watched = await watchCopy(stage, run);
  expect(wrong(watched)).toEqual([]);
});
