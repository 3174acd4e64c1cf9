import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { z } from 'zod';
import { openApplicationDatabase, type ApplicationDatabase } from './applicationDatabase';
import { placeOrder, readAssortment, type Assortment } from './orders';
import { refusalOf } from './refusals';

/**
 * One deployment of the shop's application: a web front on one database. It is told the database by the line that it
 * reads first, tells its port by the line that it prints, and ends with its parent.
 *
 * `POST /orders {"reference"}` places an order, `GET /orders/<reference>` looks for one, `GET /health` says that the
 * process is there. While the database takes no writes, orders are refused with 503, and the rest goes on.
 */
async function main(): Promise<void> {
  const [line] = (await once(process.stdin.setEncoding('utf8'), 'data')) as [string];
  process.stdin.once('end', () => process.exit(0));
  process.once('SIGTERM', () => process.exit(0));
  const front = new Front(line.trim());
  const server = createServer((request, response) => void front.answer(request, response));
  // HAProxy keeps connections for its next requests; one that closes as it is used would be an error to a user.
  server.keepAliveTimeout = 600_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
}

/** A deadlock is the database's way of asking to try again. */
const ATTEMPTS = 10;
const REFERENCE = /^[A-Za-z0-9-]{1,24}$/;
const orderSchema = z.object({ reference: z.string().regex(REFERENCE) });

interface Answer {
  readonly status: number;
  readonly body: object;
}

class Front {
  private readonly idle: ApplicationDatabase[] = [];
  private assortment: Assortment | null = null;
  private turn = 0;

  constructor(private readonly databaseUrl: string) {}

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { status, body } = await this.handle(request).catch(told);
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  private async handle(request: IncomingMessage): Promise<Answer> {
    const { method, url = '/' } = request;
    if (url === '/health') return { status: 200, body: {} };
    if (method === 'POST' && url === '/orders') {
      const { data, success } = orderSchema.safeParse(JSON.parse(await text(request)));
      if (!success) return { status: 400, body: { error: 'an order needs a reference' } };
      const { reference } = data;
      await this.place(reference);
      return { status: 201, body: { reference } };
    }
    const reference = url.slice('/orders/'.length);
    if (method !== 'GET' || !url.startsWith('/orders/') || !REFERENCE.test(reference)) {
      return { status: 404, body: { error: 'there is no such page' } };
    }
    const found = await this.onDatabase((database) =>
      database.column(`SELECT status FROM orders WHERE reference = '${reference}'`),
    );
    return found.length === 0
      ? { status: 404, body: { error: 'no such order' } }
      : { status: 200, body: { reference } };
  }

  private async place(reference: string): Promise<void> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        await this.onDatabase(async (database) => {
          const assortment = (this.assortment ??= await readAssortment(database));
          this.turn += 1;
          await database.run('BEGIN');
          await placeOrder(database, assortment, this.turn, reference);
          await database.run('COMMIT');
        });
        return;
      } catch (error) {
        if (refusalOf(error) !== 'contention' || attempt === ATTEMPTS) throw error;
      }
    }
  }

  /** On a connection of its own for as long as the work takes. */
  private async onDatabase<T>(work: (database: ApplicationDatabase) => Promise<T>): Promise<T> {
    const database = this.idle.pop() ?? (await openApplicationDatabase(this.databaseUrl));
    try {
      const result = await work(database);
      this.idle.push(database);
      return result;
    } catch (error) {
      await database.run('ROLLBACK').then(
        () => this.idle.push(database),
        () => database.close(),
      );
      throw error;
    }
  }
}

/** 503 where waiting and coming again is the right answer. */
function told(error: unknown): Answer {
  const reason = refusalOf(error);
  if (reason !== null) return { status: 503, body: { reason } };
  return { status: 500, body: { error: error instanceof Error ? error.message : String(error) } };
}

void main();
