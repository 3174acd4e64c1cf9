import { mappingSchema } from '../../domain/mapping';
import { mappingFor, matchTarget, type StoredColumn } from '../../domain/planning/matchTarget';
import { parseType } from '../../engines/postgres/types';
import { catalog, column, INT, plan, table } from '../helpers/catalogs';

const shop = catalog([
  table('Items', [
    column('id', 'int', INT, { nullable: false }),
    column('state', `enum('a')`, { kind: 'enum', labels: ['a'] }),
    column('note', 'varchar(10)', { kind: 'text', length: 10 }),
  ]),
]);
const typed = plan(shop).tables.map((planned) => ({
  table: planned,
  nativeTypes: ['integer', '"public"."items_state"', 'varchar(10)'],
}));
const asStored = (types: Record<string, string | StoredColumn>) =>
  new Map([
    [
      'items',
      new Map(
        Object.entries(types).map(([name, type]) => [name, typeof type === 'string' ? { type, isEnum: false } : type]),
      ),
    ],
  ]);
const own = { type: 'their_state', isEnum: true };
const match = (types: Record<string, string | StoredColumn>) => matchTarget(typed, asStored(types), parseType);

test('what a target spells otherwise but means alike is as planned', () => {
  const found = match({ id: 'int4', state: own, note: 'character varying(10)' });
  expect(found.findings).toEqual([]);
  expect([...(found.types.get('Items') ?? [])]).toEqual([]);
});

test('another type that takes every value is asked for, beside what the mapping says already', () => {
  const found = match({ id: 'bigint', state: 'text', note: 'text' });
  expect(found.findings).toEqual([]);
  const given = mappingSchema.parse({ tables: { Items: { name: 'things', columns: { id: { name: 'number' } } } } });
  expect(mappingFor(given, found).tables).toEqual({
    Items: {
      name: 'things',
      columns: { id: { name: 'number', type: 'bigint' }, state: { type: 'text' }, note: { type: 'text' } },
    },
  });
});

test('a column that is missing or of a strange type is left out and told; without its key a table is not compared', () => {
  const found = match({ id: 'integer', state: own, note: 'point' });
  expect([...(found.leftOut.get('Items') ?? [])]).toEqual(['note']);
  expect(found.missing.size).toBe(0);
  expect(found.findings).toMatchObject([{ code: 'NOT_COMPARABLE', severity: 'blocking', object: 'Items.note' }]);
  const keyless = match({ state: own, note: 'text' });
  expect([...keyless.missing]).toEqual(['Items']);
  expect(keyless.findings.map(({ code, object }) => `${code} ${object}`)).toEqual([
    'TARGET_COLUMN_MISSING Items.id',
    'NOT_COMPARABLE Items',
  ]);
});

test('a table that is missing is told', () => {
  expect(matchTarget(typed, new Map(), parseType).findings).toMatchObject([
    { code: 'TARGET_TABLE_MISSING', object: 'Items', target: 'public.items' },
  ]);
});
