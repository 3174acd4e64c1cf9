import { setTimeout as delay } from 'node:timers/promises';
import { Client } from 'pg';
import { createConnection, type Connection } from 'mysql2/promise';
import { loadMixedTable, MIXED_TABLE } from './mixedTable';
import { Stage } from './stage';

const DATABASE = 'pause';
const ROLE = 'bench_app';
const WRITERS = 4;
/** Between two writes of a writer, and between two attempts of one that is refused. */
const PAUSE_MS = 5;

/** One session of an application that writes to the source until that refuses, and then to whatever takes its writes. */
class Writer {
  /** The longest time between two writes that were acknowledged, in milliseconds. */
  longestMs = 0;
  private lastMs = performance.now();
  private onTarget = false;

  constructor(
    private readonly source: Connection,
    private readonly target: Client,
    private readonly rows: number,
  ) {}

  async write(): Promise<void> {
    const id = 1 + Math.floor(Math.random() * this.rows);
    if (await this.tried(id)) {
      const now = performance.now();
      this.longestMs = Math.max(this.longestMs, now - this.lastMs);
      this.lastMs = now;
    }
    await delay(PAUSE_MS);
  }

  get hasMoved(): boolean {
    return this.onTarget;
  }

  private async tried(id: number): Promise<boolean> {
    if (!this.onTarget) {
      const refused = await this.source
        .execute(`UPDATE ${MIXED_TABLE} SET quantity = quantity + 1 WHERE id = ?`, [id])
        .then(() => false, isReadOnly);
      if (!refused) return true;
    }
    const taken = await this.target
      .query(`UPDATE ${MIXED_TABLE} SET quantity = quantity + 1 WHERE id = $1`, [id])
      .then(() => true, isRefused);
    this.onTarget ||= taken;
    return taken;
  }
}

function isReadOnly(error: unknown): boolean {
  if (error instanceof Error && /read.?only/iu.test(error.message)) return true;
  throw error;
}

/** Before the commit point the role may not use the schema or the table. */
function isRefused(error: unknown): boolean {
  if (error instanceof Error && /permission denied|does not exist/u.test(error.message)) return false;
  throw error;
}

/**
 * How long an application cannot write while its database moves, measured by its own writers: from the last write that
 * the source acknowledged to the first one that the target did.
 */
export async function benchWritePause(sizes: readonly number[], runs: number): Promise<string[]> {
  const lines: string[] = [];
  for (const rows of sizes) {
    await using stage = await Stage.open('mysql');
    await loadMixedTable(stage.source.url(DATABASE), rows);
    await stage.onTarget('postgres', `CREATE ROLE ${ROLE} LOGIN PASSWORD '${ROLE}'`);
    const [longest, told]: number[][] = [[], []];
    for (let run = 0; run < runs; run += 1) {
      const { pauses, freezeMs } = await moveOnce(stage, rows);
      longest?.push(...pauses);
      told?.push(freezeMs);
    }
    lines.push(
      `${rows} rows, ${runs} migrations, ${WRITERS} writers`,
      `  pause as the writers saw it            ${spread(longest ?? [])}`,
      `  pause as the migration told it         ${spread(told ?? [])}`,
      `  a statement's round trip, idle         ${spread(await roundTrips(stage))}`,
    );
  }
  return lines;
}

async function moveOnce(stage: Stage, rows: number): Promise<{ pauses: number[]; freezeMs: number }> {
  let writers: Writers | null = null;
  const { result } = await stage.migrate(
    DATABASE,
    { strategy: 'live', targetGrants: [{ role: ROLE, privileges: 'readWrite' }] },
    {
      approval: async () => {
        writers = await Writers.start(stage, rows);
      },
      live: async () => writers?.untilMoved(),
    },
  );
  await stage.onSource('SET GLOBAL super_read_only = OFF; SET GLOBAL read_only = OFF');
  return { pauses: (writers as Writers | null)?.pauses ?? [], freezeMs: result.freezeMs };
}

/** The application's sessions, each at work until it has written to the target. */
class Writers {
  private constructor(
    private readonly writers: readonly Writer[],
    private readonly ended: Promise<unknown>,
  ) {}

  static async start(stage: Stage, rows: number): Promise<Writers> {
    const url = new URL(stage.target.url(DATABASE));
    [url.username, url.password] = [ROLE, ROLE];
    const writers: Writer[] = [];
    const ended: Promise<void>[] = [];
    for (let index = 0; index < WRITERS; index += 1) {
      const source = await createConnection({ uri: stage.source.url(DATABASE) });
      const target = new Client({ connectionString: url.href });
      await target.connect();
      const writer = new Writer(source, target, rows);
      writers.push(writer);
      ended.push(
        (async () => {
          while (!writer.hasMoved) await writer.write();
          await source.end();
          await target.end();
        })(),
      );
    }
    return new Writers(writers, Promise.all(ended));
  }

  async untilMoved(): Promise<void> {
    await this.ended;
  }

  get pauses(): number[] {
    return this.writers.map(({ longestMs }) => longestMs);
  }
}

/** What a writer needs for a statement that changes nothing, on the source. */
async function roundTrips(stage: Stage): Promise<number[]> {
  const connection = await createConnection({ uri: stage.source.url(DATABASE) });
  try {
    const times: number[] = [];
    for (let round = 0; round < 200; round += 1) {
      const startedAt = performance.now();
      await connection.query('DO 1');
      times.push(performance.now() - startedAt);
    }
    return times;
  } finally {
    await connection.end();
  }
}

/** Median, 95th percentile and largest, in milliseconds. */
function spread(times: readonly number[]): string {
  const sorted = [...times].sort((a, b) => a - b);
  const at = (share: number): string => {
    const time = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
    return time < 10 ? time.toFixed(2) : time.toFixed(0);
  };
  return `median ${at(0.5)} ms, p95 ${at(0.95)} ms, most ${at(1)} ms`;
}
