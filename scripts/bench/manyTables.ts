import { createConnection } from 'mysql2/promise';
import { phaseSeconds, Stage } from './stage';

const DATABASE = 'many';

/** A schema of many small tables: what one table costs beside its rows. */
export async function benchManyTables(tables: number): Promise<string[]> {
  await using stage = await Stage.open('mysql');
  await loadManyTables(stage.source.url(), tables);
  const { result, seconds, history, peakMemoryMb } = await stage.migrate(DATABASE);
  const phases = ['assessment', 'plan', 'prepareTarget', 'copy', 'buildTarget', 'verify'] as const;
  return [
    `${tables} tables of 10 rows, a key, an index and a foreign key each`,
    `  whole migration                       ${seconds.toFixed(1)} s, ${((1_000 * seconds) / tables).toFixed(1)} ms a table`,
    `  ${phases.map((name) => `${name} ${phaseSeconds(result, name).toFixed(1)} s`).join(', ')}`,
    `  events in the parent's history        ${history.events.length}`,
    `  worker's peak memory                  ${peakMemoryMb} MB`,
  ];
}

async function loadManyTables(url: string, tables: number): Promise<void> {
  const connection = await createConnection({ uri: url, multipleStatements: true });
  try {
    await connection.query(`CREATE DATABASE ${DATABASE}`);
    await connection.query(`USE ${DATABASE}`);
    for (let n = 1; n <= tables; n += 1) {
      const parent = n === 1 ? '' : `, FOREIGN KEY (parent_id) REFERENCES t${n - 1} (id)`;
      const values = Array.from({ length: 10 }, (_, i) => `(${i + 1}, 'row ${i + 1}', ${i + 1})`).join(', ');
      await connection.query(
        `CREATE TABLE t${n} (id INT AUTO_INCREMENT PRIMARY KEY, name VARCHAR(50) NOT NULL, parent_id INT, KEY name (name)${parent});
         INSERT INTO t${n} VALUES ${values}`,
      );
    }
  } finally {
    await connection.end();
  }
}
