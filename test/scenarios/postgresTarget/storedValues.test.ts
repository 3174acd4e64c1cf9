import { execute, freshDatabase, type FreshDatabase } from '../../helpers/databases';
import { sharedServers } from '../../helpers/servers';
import { storedText, type Cell } from '../../helpers/targetRows';
import { EXAMPLES } from './valueExamples';

let database: FreshDatabase;
beforeAll(async () => {
  database = await freshDatabase(sharedServers().postgresUrl);
});
afterAll(async () => database.drop());

describe('what a source hands over is what PostgreSQL holds', () => {
  beforeAll(async () => {
    await execute(
      database.url,
      `create type public.mood as enum ('a', 'b,c', 'it''s', 'é'); create type public.blank as enum ('', 'x')`,
    );
  });

  test.each(Object.entries(EXAMPLES))('%s', async (_, { column, values, expression }) => {
    const pairs = values.map((value) => (Array.isArray(value) ? value : [value, value]) as [Cell, string | null]);
    const stored = await storedText(
      database.url,
      column,
      pairs.map(([cell]) => cell),
      expression,
    );
    expect(stored).toEqual(pairs.map(([, expected]) => expected));
  });
});
