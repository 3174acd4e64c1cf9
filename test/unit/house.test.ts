import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { projectFolder, run } from '../../scripts/servers/run';

const PACKAGE = '@typescript-eslint/no-restricted-imports';
const ROOM = 'import-x/no-restricted-paths';

/** What a file of a room must not import, and the rule that says so. Every path exists, or the rule could not see it. */
const FORBIDDEN: readonly (readonly [room: string, imported: string, rule: string])[] = [
  ['domain', 'pg', PACKAGE],
  ['domain', 'mysql2', PACKAGE],
  ['domain', '@temporalio/common', PACKAGE],
  ['domain', 'node:fs', PACKAGE],
  ['domain', '../engines/engine', ROOM],
  ['engines/mysql', 'pg', PACKAGE],
  ['engines/mysql', '@temporalio/activity', PACKAGE],
  ['engines/mysql', '../postgres/connection', ROOM],
  ['engines/mysql', '../registry', ROOM],
  ['engines/postgres', 'mysql2/promise', PACKAGE],
  ['engines/postgres', '../mysql/connection', ROOM],
  ['pipeline', 'pg', PACKAGE],
  ['pipeline', '@temporalio/activity', PACKAGE],
  ['pipeline', '../engines/mysql/connection', ROOM],
  ['pipeline', '../engines/registry', ROOM],
  ['activities', '@temporalio/worker', PACKAGE],
  ['activities', '@temporalio/client', PACKAGE],
  ['activities', 'mysql2', PACKAGE],
  ['activities', '../engines/postgres/connection', ROOM],
  ['workflows', '../activities/index', PACKAGE],
  ['workflows', 'pg', PACKAGE],
  ['workflows', '@temporalio/activity', PACKAGE],
  ['workflows', 'node:crypto', PACKAGE],
  ['workflows', '../engines/engine', ROOM],
  ['plugins', '../engines/registry', ROOM],
  ['plugins', '../workflows/index', ROOM],
  ['plugins', 'pg', PACKAGE],
  ['workflows', '@opentelemetry/api', PACKAGE],
  ['workflows', '../tracing/workflow', ROOM],
  ['plugins', '../tracing/index', ROOM],
  ['tracing', '../activities/index', ROOM],
  ['tracing', 'mysql2', PACKAGE],
  ['workers', '../activities/index', ROOM],
  ['workers', '../scripts/servers/index', ROOM],
];

/** What each room is there to import. */
const ALLOWED: readonly (readonly [room: string, imported: string])[] = [
  ['domain', 'zod'],
  ['domain', './catalog'],
  ['engines/mysql', 'mysql2'],
  ['engines/mysql', '../engine'],
  ['engines/postgres', 'pg'],
  ['engines/postgres', '../../domain/catalog'],
  ['pipeline', '../engines/engine'],
  ['activities', '@temporalio/activity'],
  ['activities', '../engines/registry'],
  ['workflows', '@temporalio/workflow'],
  ['workflows', '../domain/catalog'],
  ['plugins', '../activities/index'],
  ['tracing', '../workflows/phaseScope'],
  ['workers', '../plugins/index'],
  ['workers', '../tracing/index'],
];

const importing = (room: string, imported: string, kind = 'import') => ({
  path: `${room}/probe.ts`,
  text: `${kind} * as it from '${imported}';\nexport { it };\n`,
});

async function lint(texts: { path: string; text: string }[]): Promise<string[][]> {
  const program = join(projectFolder(), 'test', 'helpers', 'lint.mjs');
  const output = await run(process.execPath, [program], { cwd: projectFolder(), input: JSON.stringify(texts) });
  return z.array(z.array(z.string())).parse(JSON.parse(output));
}

describe('lint', () => {
  test('refuses what a room must not import', async () => {
    const results = await lint(FORBIDDEN.map(([room, imported]) => importing(room, imported)));
    const unseen = FORBIDDEN.filter(([, , rule], index) => !results[index]?.includes(rule));
    expect(unseen).toEqual([]);
  });

  test('lets each room import what it is there for', async () => {
    const results = await lint(ALLOWED.map(([room, imported]) => importing(room, imported)));
    const refused = ALLOWED.filter((_case, index) => results[index]?.length !== 0);
    expect(refused).toEqual([]);
  });

  test('lets workflows name the types of activities', async () => {
    expect(await lint([importing('workflows', '../activities/index', 'import type')])).toEqual([[]]);
  });

  test('refuses imports in a circle, and any', async () => {
    const circle = { path: 'scripts/servers/run.ts', text: "export { fetchDebianPackages } from './debian';\n" };
    const any = { path: 'domain/probe.ts', text: 'export const anything: any = 1;\n' };
    const [inCircle, ofAny] = await lint([circle, any]);
    expect(inCircle).toContain('import-x/no-cycle');
    expect(ofAny).toContain('@typescript-eslint/no-explicit-any');
  });

  test('is asked about files that exist', () => {
    const paths = [...FORBIDDEN, ...ALLOWED].filter(([, imported]) => imported.startsWith('.'));
    const files = paths.map(([room, imported]) => join(projectFolder(), room, `${imported}.ts`));
    expect(files.filter((file) => !existsSync(file))).toEqual([]);
  });
});
