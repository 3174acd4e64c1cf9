import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createConnection } from 'mysql2/promise';
import pg from 'pg';

/**
 * A small shop that works on whichever database its switch file names (a variable of its environment), in a process of its own: `/` places an order and
 * reads it, and answers 500 when the database will not. Whatever fails or is slow is so because the database is.
 */
const [, , switchFile] = process.argv;
/** As a person at the till would tell it: how many of the orders it looked at have no customer. */
const ORPHANS = 'SELECT count(*) AS n FROM orders WHERE customer_id NOT IN (SELECT id FROM customers)';

async function onDatabase(url, work) {
  if (url.startsWith('postgres')) {
    const client = new pg.Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return await work(async (sql) => (await client.query(sql)).rows);
    } finally {
      await client.end();
    }
  }
  const connection = await createConnection({ uri: url });
  try {
    return await work(async (sql) => (await connection.query(sql))[0]);
  } finally {
    await connection.end();
  }
}

const server = createServer((request, response) => {
  const url = process.env[readFileSync(switchFile, 'utf8').trim()];
  onDatabase(url, async (query) => {
    if (request.url === '/self') {
      const [{ n }] = await query(ORPHANS);
      return { critical: 0, checks: 20, validationFailures: Number(n) };
    }
    await query(`INSERT INTO orders (customer_id, note) VALUES (1, 'placed')`);
    return { orders: Number((await query('SELECT count(*) AS n FROM orders'))[0].n) };
  }).then(
    (answer) => response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(answer)),
    (error) => response.writeHead(500).end(String(error.message)),
  );
});
server.listen(0, '127.0.0.1', () => console.log(server.address().port));
