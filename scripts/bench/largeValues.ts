import { createConnection } from 'mysql2/promise';
import { Stage } from './stage';

const DATABASE = 'large';
const VALUE_BYTES = 63 * 1024 * 1024;

/** Values as large as a server's packet admits, in the bytes and in the text they may come in. */
export async function benchLargeValues(rows: number): Promise<string[]> {
  await using stage = await Stage.open('mysql');
  const connection = await createConnection({ uri: stage.source.url() });
  try {
    await connection.query(`CREATE DATABASE ${DATABASE}`);
    await connection.query(`CREATE TABLE ${DATABASE}.files (id INT PRIMARY KEY, content LONGBLOB, words LONGTEXT)`);
    for (let id = 1; id <= rows; id += 1) {
      const [content, words] =
        id % 2 === 0
          ? [`REPEAT(X'00FF5C0A', ${VALUE_BYTES / 4})`, 'NULL']
          : ['NULL', `REPEAT('word', ${VALUE_BYTES / 4})`];
      await connection.query(`INSERT INTO ${DATABASE}.files VALUES (${id}, ${content}, ${words})`);
    }
  } finally {
    await connection.end();
  }
  const { peakMemoryMb, seconds } = await stage.migrate(DATABASE);
  return [
    `${rows} values of 63 MB`,
    `  whole migration                       ${seconds.toFixed(1)} s`,
    `  worker's peak memory                  ${peakMemoryMb} MB (under 400)`,
  ];
}
