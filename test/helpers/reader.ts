import { setTimeout as wait } from 'node:timers/promises';
import { createConnection } from 'mysql2/promise';

/** Somebody who reads all the time. */
export interface Reader {
  /** Answers so far. */
  readonly reads: number;
  /** Of reads that were refused, in words. */
  readonly failures: readonly string[];
  stop(): Promise<void>;
}

const PAUSE_MS = 10;

/** Reads from a MySQL or MariaDB without a break; `sql` takes one number. Resolves when the first answer is there. */
export async function startReader(url: string, sql: string): Promise<Reader> {
  const connection = await createConnection({ uri: url.replace(/^mariadb:/, 'mysql:') });
  const stopping = new AbortController();
  const failures: string[] = [];
  let reads = 0;
  const read = async (): Promise<void> => {
    try {
      await connection.query(sql, [reads]);
      reads += 1;
    } catch (error) {
      failures.push(error instanceof Error ? error.message : String(error));
    }
  };
  await read();
  const reading = (async () => {
    while (!stopping.signal.aborted) {
      await read();
      await wait(PAUSE_MS);
    }
    await connection.end();
  })();
  return {
    get reads() {
      return reads;
    },
    failures,
    stop: () => {
      stopping.abort();
      return reading;
    },
  };
}
