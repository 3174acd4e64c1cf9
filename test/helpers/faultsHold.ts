import { Client } from 'pg';
import { execute, query } from './databases';
import { until } from './faultsUntil';

/** What statements of each kind say, of those that build and those that take back. */
const KINDS = {
  primaryKey: 'PRIMARY KEY',
  unique: ' UNIQUE ',
  index: 'CREATE INDEX',
  foreignKey: 'FOREIGN KEY',
  drop: 'DROP TABLE',
  move: 'SET SCHEMA',
} as const;
export type BuildKind = keyof typeof KINDS;

/** A statement waits, its work done but not ended, as long as somebody holds the advisory lock of its kind. */
const HOLDS = `
  CREATE SCHEMA held;
  CREATE FUNCTION held.hold() RETURNS event_trigger LANGUAGE plpgsql AS $$
  BEGIN
    ${Object.values(KINDS)
      .map(
        (words, kind) =>
          `IF position('${words}' IN current_query()) > 0 THEN PERFORM pg_advisory_xact_lock_shared(${kind}); END IF;`,
      )
      .join('\n    ')}
  END $$;
  CREATE EVENT TRIGGER held ON ddl_command_end WHEN TAG IN ('ALTER TABLE', 'CREATE INDEX', 'DROP TABLE')
  EXECUTE FUNCTION held.hold();`;

/** Holds the target's builds amid their statements, one kind at a time, so that something can happen to them there. */
export class HeldBuilds implements AsyncDisposable {
  private since = new Date(0);

  private constructor(
    private readonly targetUrl: string,
    private readonly client: Client,
  ) {}

  static async on(targetUrl: string): Promise<HeldBuilds> {
    await execute(targetUrl, HOLDS);
    const client = new Client({ connectionString: targetUrl });
    // The server may be killed while it holds something.
    client.on('error', () => undefined);
    await client.connect();
    for (const kind of Object.values(KINDS).keys()) await client.query('SELECT pg_advisory_lock($1)', [kind]);
    return new HeldBuilds(targetUrl, client);
  }

  /**
   * Waits until a statement of the kind is held, and lets something happen to it. Statements of sessions that are older
   * than what happened last do not count: nobody may be behind them any more.
   */
  async amid(kind: BuildKind, happen: () => Promise<void>): Promise<void> {
    await until(`a statement with ${KINDS[kind]} is at work`, async () => {
      const rows = await query(
        this.targetUrl,
        `SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND state = 'active' AND wait_event = 'advisory'
         AND position($1 IN query) > 0 AND backend_start > $2`,
        [KINDS[kind], this.since],
      );
      return rows.length > 0;
    });
    await happen();
    this.since = new Date();
  }

  /** Lets statements of the kind end. A server that was restarted holds none. */
  async release(kind: BuildKind): Promise<void> {
    await this.client.query('SELECT pg_advisory_unlock($1)', [Object.keys(KINDS).indexOf(kind)]);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.client.end();
  }
}
