import { loadMixedTable, MIXED_TABLE } from '../../../scripts/bench/mixedTable';
import { freshDatabase, query } from '../../helpers/databases';
import { sharedServers } from '../../helpers/servers';

const ROWS = 60_000;

describe("the benchmark's table", () => {
  it.each(['mysqlUrl', 'mariadbUrl'] as const)(
    'has thirteen columns and about 230 bytes a row (%s)',
    async (server) => {
      await using database = await freshDatabase(sharedServers()[server]);
      await loadMixedTable(database.url, ROWS);
      const columns = await query(
        database.url,
        `SELECT column_name AS name FROM information_schema.columns WHERE table_schema = '${database.name}'`,
      );
      expect(columns).toHaveLength(13);
      const values = columns.map(({ name }) => `\`${String(name)}\``).join(', ');
      const [facts] = await query(
        database.url,
        `SELECT COUNT(*) AS row_count, MAX(id) AS highest, AVG(LENGTH(CONCAT_WS('\\t', ${values}))) AS width FROM ${MIXED_TABLE}`,
      );
      expect(facts).toMatchObject({ row_count: ROWS, highest: ROWS });
      expect(Number(facts?.['width'])).toBeGreaterThan(210);
      expect(Number(facts?.['width'])).toBeLessThan(250);
    },
  );
});
