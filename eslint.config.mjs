import eslint from '@eslint/js';
import { createNodeResolver, importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

const TEMPORAL = ['@temporalio/*'];
const MYSQL = ['mysql2', 'mysql2/*', 'fzstd'];
const POSTGRES = ['pg', 'pg/*', 'pg-*'];
const DRIVERS = [...MYSQL, ...POSTGRES];
const TRACES = ['@opentelemetry/*'];

/** What the engines have in common. */
const SHARED = ['engines/engine.ts', 'engines/vigil.ts'];

/** What engine.ts hands on as its own. */
const PARTS = [
  'changeApply',
  'changeStream',
  'copyLane',
  'serverLoad',
  'tableChange',
  'targetBackup',
  'targetWatch',
  'verifiable',
  'wayBack',
].map((part) => `engines/${part}.ts`);

/** Who may import which room; ARCHITECTURE.md has the same table with its reasons. A room may always import itself. */
const ROOMS = {
  domain: { rooms: [], packages: [...TEMPORAL, ...DRIVERS], onlyPackages: ['zod'] },
  'engines/mysql': { rooms: ['domain'], files: SHARED, packages: [...TEMPORAL, ...POSTGRES, 'zod'] },
  'engines/postgres': { rooms: ['domain'], files: SHARED, packages: [...TEMPORAL, ...MYSQL, 'zod'] },
  'engines/vigil.ts': { rooms: [], packages: [...TEMPORAL, ...DRIVERS] },
  'engines/engine.ts': { rooms: ['domain'], files: PARTS, packages: [...TEMPORAL, ...DRIVERS] },
  ...Object.fromEntries(
    PARTS.map((part) => [
      part,
      { rooms: ['domain'], files: ['engines/engine.ts'], packages: [...TEMPORAL, ...DRIVERS] },
    ]),
  ),
  pipeline: { rooms: ['domain'], files: ['engines/engine.ts'], packages: [...TEMPORAL, ...DRIVERS] },
  activities: {
    rooms: ['domain', 'pipeline'],
    files: ['engines/engine.ts', 'engines/registry.ts'],
    packages: ['@temporalio/!(activity|common)', ...DRIVERS, ...TRACES],
  },
  workflows: {
    rooms: ['domain', 'activities'],
    packages: ['@temporalio/!(workflow|common)', ...DRIVERS, ...TRACES, 'node:*'],
  },
  plugins: { rooms: ['domain', 'activities'], packages: [...DRIVERS, ...TRACES] },
  tracing: { rooms: ['workflows'], packages: DRIVERS },
  // Types alone would do no harm, but what is imported at the start is loaded at the start.
  workers: { rooms: ['domain', 'plugins', 'tracing'], packages: [...DRIVERS, ...TRACES] },
};

/** One zone a room: everything that is a room of the project and is not named for it is out of bounds. */
const zones = Object.entries(ROOMS).map(([room, { rooms, files = [] }]) => ({
  target: `./${room}`,
  from: './',
  except: [...rooms, ...files, room, 'node_modules'].map((path) => `./${path}`),
  message: `${room} may import only: ${[...rooms, ...files].join(', ') || 'itself'}. See ARCHITECTURE.md.`,
}));

/** The rooms' package rules. `workflows` may name activities for their types only: code there runs in the sandbox. */
const packageRules = Object.entries(ROOMS).map(([room, { packages, onlyPackages }]) => ({
  files: [room.endsWith('.ts') ? room : `${room}/**/*.ts`],
  rules: {
    '@typescript-eslint/no-restricted-imports': [
      'error',
      {
        patterns: [
          { regex: toRegex(packages), message: `${room} does not know this package. See ARCHITECTURE.md.` },
          ...(onlyPackages
            ? [
                {
                  regex: `^(?!\\.{1,2}/|(?:${onlyPackages.join('|')})$)`,
                  message: `${room} imports ${onlyPackages} only.`,
                },
              ]
            : []),
          ...(room === 'workflows'
            ? [
                {
                  regex: '/activities(/|$)',
                  allowTypeImports: true,
                  message: 'Workflows import activities as types only.',
                },
              ]
            : []),
        ],
      },
    ],
  },
}));

/** A regular expression for package globs; only `*` at an end and `!(a|b)` occur above. */
function toRegex(globs) {
  const one = (glob) =>
    glob
      .replace(/[.]/g, '\\.')
      .replace(/!\(([^)]*)\)/g, '(?!(?:$1)$).*')
      .replace(/([/:-])\*$/g, '$1.*');
  return `^(?:${globs.map(one).join('|')})$`;
}

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/', 'reports/'] },
  eslint.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: {
      'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js', '.json'] })],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
    },
    rules: {
      'import-x/no-cycle': ['error', { ignoreExternal: true }],
      'import-x/no-self-import': 'error',
      'import-x/no-restricted-paths': ['error', { zones, basePath: import.meta.dirname }],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // Index signatures are read by name on purpose, and noUncheckedIndexedAccess already makes the absence visible.
      '@typescript-eslint/no-dynamic-delete': 'off',
      '@typescript-eslint/no-extraneous-class': 'off',
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 70, skipBlankLines: true, skipComments: true }],
      // A property is left out of a copy by naming it beside the rest.
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      eqeqeq: ['error', 'always'],
      'no-console': 'error',
    },
  },
  ...packageRules,
  {
    files: ['workflows/**/*.ts', 'domain/**/*.ts'],
    rules: { 'no-restricted-globals': ['error', 'process', 'Buffer', 'require', 'fetch'] },
  },
  {
    files: ['test/**/*.ts'],
    rules: { 'max-lines-per-function': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['**/*.mjs', '**/*.cjs'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', module: 'writable', URL: 'readonly' } },
  },
);
