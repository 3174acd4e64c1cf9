import { FLAVOURS, readAll } from '../mysqlSource/stage';
import { anyColumns, anyRows } from './anyValues';
import { LogStage } from './stage';

const ROWS = 400;

describe.each(FLAVOURS)('any values in the log of %s', (flavour) => {
  test('are told as a SELECT tells them', async () => {
    const columns = anyColumns(flavour);
    const definitions = columns.map(([type], index) => `c${index} ${type}`).join(', ');
    await using stage = await LogStage.open(
      flavour,
      `CREATE TABLE t (id INT PRIMARY KEY, ${definitions}) CHARACTER SET utf8mb4`,
    );
    const seed = Date.now();
    const rows = anyRows(columns, ROWS, seed);
    await stage.write("SET SESSION sql_mode = '', time_zone = '+00:00'");
    for (let first = 0; first < ROWS; first += 20) {
      const values = rows.slice(first, first + 20).map((row, index) => `(${first + index}, ${row.join(', ')})`);
      await stage.write(`INSERT INTO t VALUES ${values.join(', ')}`);
    }
    const told = (await stage.follow()).changes.map(({ after }) => after ?? []);
    const read = await readAll(stage.source, stage.plans[0]!);
    expect(told).toHaveLength(ROWS);
    const differing = read.flatMap((cells, row) =>
      cells.flatMap((cell, column) =>
        cell === told[row]?.[column]
          ? []
          : [{ seed, type: columns[column - 1]?.[0], read: cell, told: told[row]?.[column] }],
      ),
    );
    expect(differing.slice(0, 10)).toEqual([]);
  });
});
