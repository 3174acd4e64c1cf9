import { mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { allowedFile, allowedUrl } from '../../activities/allowed';
import { readEnvironment } from '../../activities/environment';
import { putBack, writeSwitch } from '../../activities/switchFile';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'switch-'))));
afterEach(async () => rm(folder, { recursive: true }));

test('the undo puts back what was there before, however often the switch was repeated', async () => {
  const file = join(folder, 'shop.json');
  await writeFile(file, 'old');
  await writeSwitch(file, 'new', 'run-1');
  await writeSwitch(file, 'new', 'run-1');
  expect(await readFile(file, 'utf8')).toBe('new');
  await putBack(file, 'run-1');
  await putBack(file, 'run-1');
  expect(await readFile(file, 'utf8')).toBe('old');
  expect(await readdir(folder)).toEqual(['shop.json']);
});

test('a file that was not there is not there after the undo, and an undo without a switch changes nothing', async () => {
  const file = join(folder, 'deep', 'shop.json');
  await writeSwitch(file, 'new', 'run-1');
  await putBack(file, 'run-1');
  expect(await readdir(join(folder, 'deep'))).toEqual([]);
  await writeFile(file, 'theirs');
  await putBack(file, 'run-2');
  expect(await readFile(file, 'utf8')).toBe('theirs');
});

test('a path outside the roots is refused, by name, by dots and by links', async () => {
  const root = join(folder, 'root');
  await mkdir(root);
  await symlink(folder, join(root, 'out'));
  const environment = readEnvironment({ MIGRATION_FILE_ROOTS: root });
  expect(allowedFile(environment, join(root, 'a', 'b.json'))).toContain('b.json');
  for (const path of [join(folder, 'x'), join(root, '..', 'x'), join(root, 'out', 'x'), `${root}-other/x`, root]) {
    expect(() => allowedFile(environment, path)).toThrow(/MIGRATION_FILE_ROOTS/);
  }
});

test('an HTTP call goes only to hosts that the worker allows', () => {
  const environment = readEnvironment({ MIGRATION_HTTP_HOSTS: 'lb.example, admin.example:8080' });
  expect(allowedUrl(environment, 'https://lb.example:444/switch').host).toBe('lb.example:444');
  expect(allowedUrl(environment, 'http://admin.example:8080/').port).toBe('8080');
  expect(() => allowedUrl(environment, 'http://admin.example/')).toThrow(/MIGRATION_HTTP_HOSTS/);
  expect(() => allowedUrl(environment, 'http://evil.example/')).toThrow(/evil\.example/);
});
