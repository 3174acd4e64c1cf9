import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { ERROR_CODES } from '../../domain/errors';
import { FINDING_CODES } from '../../domain/finding';
import { migrationInputSchema } from '../../domain/input';
import { projectFolder } from '../../scripts/servers/run';
import * as messages from '../../workflows/messages';

const read = (path: string): string => readFileSync(join(projectFolder(), path), 'utf8');
const namesIn = (folder: string): string[] =>
  readdirSync(join(projectFolder(), folder), { recursive: true }).map((name) => join(folder, String(name)));

const operations = read('docs/operations.md');
const documents = ['README.md', 'CHANGELOG.md', ...namesIn('docs').filter((name) => name.endsWith('.md'))];

/** The rows of a document's tables that begin with code, as cells; the first is without its quotes. */
function tableRows(text: string): string[][] {
  return [...text.matchAll(/^\| (`.*) \|$/gm)].map(([, row = '']) => {
    const [name = '', ...cells] = row.split('|').map((cell) => cell.trim());
    return [name.replaceAll('`', ''), ...cells];
  });
}

/** The rows of one section, by their first cell. */
function section(title: string): Map<string, string[]> {
  const [, text = ''] = operations.split(`\n## ${title}\n`);
  return new Map(tableRows(text.split('\n## ')[0] ?? '').map(([name = '', ...cells]) => [name, cells]));
}

/** True when a row is there and its last cell says something. */
const tells = (cells: readonly string[] | undefined): boolean => /\w{3}/.test(cells?.at(-1) ?? '');

describe('docs/operations.md', () => {
  test('tells of every error what it means, what to do, and whether it is tried again, and of no other', () => {
    const rows = section('Error codes');
    expect([...rows.keys()].sort()).toEqual(Object.keys(ERROR_CODES).sort());
    for (const [code, { retryable }] of Object.entries(ERROR_CODES)) {
      const [again, meaning, ...todo] = rows.get(code) ?? [];
      expect([code, tells([meaning ?? '']), tells(todo)]).toEqual([code, true, true]);
      if (code !== 'INTERNAL') expect([code, again]).toEqual([code, retryable ? 'yes' : 'no']);
    }
  });

  test('tells of every finding how grave it is, what it means and what to do, and of no other', () => {
    const rows = section('Finding codes');
    expect([...rows.keys()].sort()).toEqual(Object.keys(FINDING_CODES).sort());
    for (const [code, [severity, meaning, ...todo]] of rows) {
      expect(severity).toMatch(/^(info|warning|question|blocking)(, (info|warning|question|blocking))*$/);
      expect([code, tells([meaning ?? '']), tells(todo)]).toEqual([code, true, true]);
    }
  });

  test('has every option of the input, with its default, and no other', () => {
    const rows = section('The input');
    const defaults = migrationInputSchema.parse({ source: 'a', target: 'b' });
    const options = optionsOf(migrationInputSchema);
    expect([...rows.keys()].sort()).toEqual([...options].sort());
    for (const option of options) {
      const value = ['source', 'target'].includes(option) ? undefined : valueAt(defaults, option);
      const [shown] = rows.get(option) ?? [];
      const isOwnDefault = option === 'mapping.tables.*.columns';
      expect([option, shown]).toEqual([
        option,
        value === undefined && !isOwnDefault ? '' : `\`${JSON.stringify(value ?? {})}\``,
      ]);
      expect([option, tells(rows.get(option))]).toEqual([option, true]);
    }
  });

  test('has every variable that the code reads', () => {
    const variables = ['activities', 'domain', 'engines', 'pipeline', 'plugins', 'scripts', 'workers', 'workflows']
      .flatMap(namesIn)
      .filter((name) => name.endsWith('.ts'))
      .flatMap((name) => [...read(name).matchAll(/\benv\['([A-Z_]+)'\]|\b((?:TEMPORAL_)?MIGRAT(?:E|ION)_[A-Z_]+)/g)])
      .map(([, whole, beginning]) => whole ?? beginning ?? '')
      .filter((name) => name !== 'PATH');
    expect(new Set(variables).size).toBeGreaterThan(4);
    for (const name of new Set(variables)) expect(operations).toContain(`\`${name}`);
  });

  test('has every signal, update and query', () => {
    for (const { name } of Object.values(messages))
      expect(operations).toMatch(new RegExp(`\`${name}\`|--name ${name} `));
  });
});

describe('the documents', () => {
  test('name test files that are there', () => {
    const named = documents.flatMap((name) => read(name).match(/test\/[\w/]+\.test\.ts/g) ?? []);
    expect(named.length).toBeGreaterThan(20);
    expect(named.filter((name) => !existsSync(join(projectFolder(), name)))).toEqual([]);
  });

  test('have a test, or say that there is none, for each invariant of this release', () => {
    const [held = ''] = read('docs/INVARIANTS.md').split('\n## Not yet');
    const invariants = held.split(/\n(?=\*\*\d+\. )/).slice(1);
    expect(invariants.length).toBeGreaterThan(10);
    for (const text of invariants) expect(text).toMatch(/\n- (`test\/|not attacked yet)/);
  });

  test('name commands that the package has', () => {
    const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(read('package.json')));
    const named = documents.flatMap((name) => [...read(name).matchAll(/npm run ([\w:-]+)|npm (test)\b/g)]);
    expect(named.length).toBeGreaterThan(5);
    for (const [, script, test] of named) expect(scripts).toHaveProperty(script ?? test ?? '');
  });

  test.each(documents)('%s links to files and headings that are there', (name) => {
    for (const [, target = ''] of read(name).matchAll(/\]\((?!https?:)([^)]+)\)/g)) {
      const [path = '', anchor] = target.split('#');
      const file = path === '' ? name : join(dirname(name), path);
      expect([file, existsSync(join(projectFolder(), file))]).toEqual([file, true]);
      if (anchor !== undefined) expect(anchorsOf(read(file))).toContain(anchor);
    }
  });
});

/** As GitHub makes them of headings: lower case, without punctuation, spaces as hyphens. */
function anchorsOf(text: string): string[] {
  return [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\w\s-]/g, '')
      .trim()
      .replaceAll(' ', '-'),
  );
}

/** Key paths of all options: `a.b`, `a[].b` in lists, `a.*.b` in maps. What only holds options is none itself. */
function optionsOf(schema: unknown, path = ''): Set<string> {
  const inner = unwrapped(schema);
  if (inner instanceof z.ZodObject) {
    const entries = Object.entries(inner.shape);
    return new Set(entries.flatMap(([key, value]) => [...optionsOf(value, path === '' ? key : `${path}.${key}`)]));
  }
  if (inner instanceof z.ZodDiscriminatedUnion) {
    return new Set(inner.options.flatMap((option) => [...optionsOf(option, path)]));
  }
  const [item, itemPath] =
    inner instanceof z.ZodArray
      ? [inner.element, `${path}[]`]
      : inner instanceof z.ZodRecord
        ? [inner.valueType, `${path}.*`]
        : [null, path];
  const below = item === null ? new Set<string>() : optionsOf(item, itemPath);
  below.delete(itemPath);
  return new Set([path, ...below]);
}

function unwrapped(schema: unknown): unknown {
  let inner = schema;
  while (inner instanceof z.ZodDefault || inner instanceof z.ZodPrefault || inner instanceof z.ZodOptional) {
    inner = inner.unwrap();
  }
  return inner;
}

function valueAt(value: unknown, path: string): unknown {
  return path.split('.').reduce<unknown>((inner, key) => (inner as Record<string, unknown> | undefined)?.[key], value);
}
