import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { execute } from '../helpers/databases';
import { elementsOf, textOfPage } from '../helpers/markup';
import { MigrationStage } from '../helpers/migrationStage';

/** Names and comments that would break a page that put them in as they are. */
const HOSTILE = `
  CREATE TABLE \`<script>alert(1)</script>\` (id INT PRIMARY KEY, word VARCHAR(50)) COMMENT '<b>bold</b>';
  CREATE TABLE orders (id INT AUTO_INCREMENT PRIMARY KEY, total DECIMAL(10,2) NOT NULL, updated TIMESTAMP NULL ON UPDATE CURRENT_TIMESTAMP);
  CREATE VIEW \`"quoted" & 'so'\` AS SELECT id FROM orders;
  INSERT INTO \`<script>alert(1)</script>\` VALUES (1, 'a'), (2, 'b');
  INSERT INTO orders (total) VALUES (1.50), (2.50), (3.50);`;

let stage: MigrationStage;
beforeEach(async () => {
  stage = await MigrationStage.open({ load: HOSTILE });
  await stage.startWorker();
});
afterEach(async () => stage[Symbol.asyncDispose]());

/** The page of a stage as text, once it is there and whole; it is well-formed and asks for nothing from elsewhere. */
async function page(ending: string): Promise<string> {
  const name = (await readdir(stage.folder)).find((file) => file.endsWith(ending));
  const text = await readFile(join(stage.folder, name ?? `nothing that ends in ${ending}`), 'utf8');
  const elements = elementsOf(text);
  expect(elements.filter(({ name: element }) => ['script', 'link', 'img', 'iframe'].includes(element))).toEqual([]);
  const outside = elements.filter(
    ({ attributes: { src, href } }) => src !== undefined || href?.startsWith('#') === false,
  );
  expect(outside).toEqual([]);
  return textOfPage(text);
}

async function appears(ending: string): Promise<void> {
  while (!(await readdir(stage.folder)).some((file) => file.endsWith(ending))) await stage.cli.list();
}

test('a person who has to decide finds a page, and so does whoever asks later; what was found at the acceptance is in it', async () => {
  const run = await stage.start();
  const waiting = await run.until(({ waitingFor }) => waitingFor === 'approval');
  expect(waiting.estimate?.freezeMs).toBeGreaterThan(0);
  const details = JSON.stringify(await stage.cli.query(run.workflowId, '__temporal_workflow_metadata'));
  expect(details).toContain('-approval.html');
  expect(details).toContain('The gravest risks');
  expect(details).toContain('docs/benchmarks.md');
  const asked = await page('-approval.html');
  expect(asked).toContain('5 rows in 2 tables are ready to go from shop_mysql to shop_pg');
  expect(asked).toContain(`"evidence":"${waiting.evidence}"`);
  expect(asked).toContain('<script>alert(1)</script>');
  expect(asked).toContain(`"quoted" & 'so'`);
  await run.signal('approveCutover', { approver: 'Ann <ann@example.com>', comment: 'agreed & signed' });
  await run.until(({ waitingFor }) => waitingFor === 'acceptance');
  await appears('-acceptance.html');
  expect(await page('-acceptance.html')).toMatch(/Nothing was written to the source since the freeze\s+holds/);
  await execute(stage.targetUrl, 'INSERT INTO orders (total) VALUES (4.50)');
  await run.signal('acceptMigration', { approver: 'bob', comment: 'looks right' });
  const result = await run.result();
  expect(result.acceptanceChecks?.checks.map(({ name, state }) => `${name} ${state}`)).toEqual([
    'sourceFrozen passed',
    'verification passed',
    'sourceRows passed',
    'targetRows noted',
  ]);
  expect(result.acceptanceChecks?.checks[3]?.found).toContain('orders 3 → 4');
  expect(result.copySamples.at(-1)?.rows).toBe(5);
  expect(result.risks.length).toBeGreaterThan(2);
  const final = await page(`${result.htmlReportPath?.split('/').at(-1)}`);
  expect(final).toContain('was accepted by bob');
  expect(final).toContain('Ann <ann@example.com>');
  expect(final).toContain('agreed & signed');
  expect(final).toContain('orders 3 → 4');
  const json = JSON.parse(await readFile(result.reportPath ?? '', 'utf8')) as {
    baseline: { table: string; rows: number }[];
  };
  expect(json).toMatchObject({
    outcome: 'accepted',
    freezeMs: result.freezeMs,
    reportPath: result.reportPath,
    htmlReportPath: result.htmlReportPath,
  });
  expect(json.baseline.find(({ table }) => table === 'orders')?.rows).toBe(3);
});

test('a source that somebody wrote to after the cutover is told to whoever accepts, and stops nothing', async () => {
  const run = await stage.start();
  await run.approve();
  await run.until(({ waitingFor }) => waitingFor === 'acceptance');
  await execute(
    stage.sourceUrl,
    `SET GLOBAL super_read_only = OFF; SET GLOBAL read_only = OFF; INSERT INTO orders (total) VALUES (9.99)`,
  );
  const result = await run.accept();
  expect(result.outcome).toBe('accepted');
  const failed = result.acceptanceChecks?.checks.filter(({ state }) => state === 'failed');
  expect(failed?.map(({ name }) => name)).toEqual(['sourceFrozen', 'sourceRows']);
  expect(failed?.[1]?.found).toContain('orders 3 → 4');
  expect(await page(`${result.htmlReportPath?.split('/').at(-1)}`)).toContain('DOES NOT HOLD');
});

test('a source that is gone by then is told, and keeps nobody from accepting', async () => {
  const run = await stage.start();
  await run.approve();
  await run.until(({ waitingFor }) => waitingFor === 'acceptance');
  await appears('-acceptance.html');
  await stage.source.stop();
  const result = await run.accept();
  expect(result.outcome).toBe('accepted');
  const states = result.acceptanceChecks?.checks.map(({ name, state }) => `${name} ${state}`);
  expect(states).toEqual([
    'sourceFrozen notChecked',
    'verification passed',
    'sourceRows notChecked',
    'targetRows noted',
  ]);
});

test('what was rejected has its page, too', async () => {
  const run = await stage.start();
  await run.until(({ waitingFor }) => waitingFor === 'approval');
  await run.signal('rejectCutover', { approver: 'ann', reason: 'not today' });
  const result = await run.result();
  expect(await page(`${result.htmlReportPath?.split('/').at(-1)}`)).toMatch(/rejected by ann.*not today/s);
});
