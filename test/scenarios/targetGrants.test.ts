import { randomBytes } from 'node:crypto';
import { execute, query } from '../helpers/databases';
import { MigrationStage } from '../helpers/migrationStage';
import { sharedServers } from '../helpers/servers';

const SHOP = `
  CREATE TABLE items (id INT AUTO_INCREMENT PRIMARY KEY, words VARCHAR(50) NOT NULL);
  INSERT INTO items (words) VALUES ('one'), ('two')`;

/** Names as nobody should choose them; roles are the whole server's, so they are this test's own. */
const unique = randomBytes(4).toString('hex');
const APP = `The "app's" $role$ ${unique}`;
const REPORTS = `reports_${unique}`;
const quoted = (role: string): string => `"${role.replaceAll('"', '""')}"`;

let stage: MigrationStage;
beforeEach(async () => {
  const { postgresUrl } = sharedServers();
  for (const role of [APP, REPORTS]) await execute(postgresUrl, `CREATE ROLE ${quoted(role)} LOGIN PASSWORD 'x'`);
  stage = await MigrationStage.open({ load: SHOP });
  await stage.startWorker();
});
afterEach(async () => {
  await stage[Symbol.asyncDispose]();
  const { postgresUrl } = sharedServers();
  for (const role of [APP, REPORTS]) await execute(postgresUrl, `DROP ROLE IF EXISTS ${quoted(role)}`);
});

/** What a login of the role gets of a statement: its rows, or why it is refused. */
async function as(role: string, sql: string): Promise<unknown> {
  const url = new URL(stage.targetUrl);
  [url.username, url.password] = [encodeURIComponent(role), 'x'];
  return query(url.href, sql).catch((error: unknown) => (error as Error).message);
}

const denied = expect.stringMatching(/permission denied/) as unknown;

/** A schema of the migration's own, which nobody may use by default; and one that everybody may. */
describe.each(['shop', 'public'])('in the schema %s, roles that the input names', (schema) => {
  const options = {
    targetSchema: schema,
    targetGrants: [
      { role: APP, privileges: 'readWrite' },
      { role: REPORTS, privileges: 'read' },
    ],
  };
  const insert = `INSERT INTO ${schema}.items (words) VALUES ('new') RETURNING id, lastval()::int AS last`;

  test('can use the tables as soon as these are the truth, not before, and not after a rollback', async () => {
    const run = await stage.start(options);
    await run.until(({ waitingFor }) => waitingFor === 'approval');
    expect(await stage.cli.query(run.workflowId, 'report')).toHaveProperty(
      'findings',
      expect.arrayContaining([expect.objectContaining({ code: 'ACCESS_GRANTED', object: 'targetGrants.0' })]),
    );
    expect(JSON.stringify(await query(stage.targetUrl, 'SELECT plan FROM temporal_migrate.plans'))).toContain(
      'GRANT SELECT, INSERT, UPDATE, DELETE ON TABLE',
    );
    for (const role of [APP, REPORTS]) expect(await as(role, `SELECT * FROM ${schema}.items`)).toEqual(denied);
    await run.approve();
    await run.until(({ waitingFor }) => waitingFor === 'acceptance');
    expect(await as(APP, insert)).toEqual([{ id: 3, last: 3 }]);
    expect(await as(APP, `UPDATE ${schema}.items SET words = 'changed' WHERE id = 1`)).toEqual([]);
    expect(await as(APP, `DELETE FROM ${schema}.items WHERE id = 2`)).toEqual([]);
    expect(await as(APP, `TRUNCATE ${schema}.items`)).toEqual(denied);
    expect(await as(REPORTS, `SELECT words FROM ${schema}.items ORDER BY id`)).toEqual([
      { words: 'changed' },
      { words: 'new' },
    ]);
    for (const write of [insert, `UPDATE ${schema}.items SET words = ''`, `DELETE FROM ${schema}.items`])
      expect(await as(REPORTS, write)).toEqual(denied);
    await run.signal('requestRollback', { by: 'bob', reason: 'slow' });
    const { outcome, keptSchema } = await run.result();
    expect(outcome).toBe('rolledBack');
    for (const role of [APP, REPORTS])
      expect(await as(role, `SELECT * FROM "${keptSchema ?? ''}".items`)).toEqual(denied);
    // Nothing is left of them: else they could not be dropped.
    for (const role of [APP, REPORTS]) await execute(stage.targetUrl, `DROP ROLE ${quoted(role)}`);
  });
});

test('a role that is not there is refused before anything is made, with the statement that makes it', async () => {
  const run = await stage.start({ targetGrants: [{ role: `no "such`, privileges: 'read' }] });
  await expect(run.result()).rejects.toThrow(/ROLE_MISSING.*CREATE ROLE \\+"no \\+"\\+"such\\+" LOGIN/);
  expect(await query(stage.targetUrl, "SELECT 1 FROM pg_namespace WHERE nspname = 'temporal_migrate'")).toEqual([]);
});

test('what is granted is part of what is approved', async () => {
  const evidenceOf = async (privileges: string): Promise<string | null> => {
    const run = await stage.start({ targetGrants: [{ role: APP, privileges }] });
    const { evidence } = await run.until(({ waitingFor }) => waitingFor === 'approval');
    await run.signal('rejectCutover', { approver: 'ann', reason: 'a test' });
    await run.result();
    return evidence;
  };
  const read = await evidenceOf('read');
  expect(await evidenceOf('read')).toBe(read);
  expect(await evidenceOf('readWrite')).not.toBe(read);
});
