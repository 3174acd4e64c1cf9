import type { Probe } from '../engine';
import type { Session } from './session';

/** A row of generated text stays below every max_allowed_packet that servers have. */
const ROW_BYTES = 65_536;

export function mysqlProbe(session: Session): Probe {
  const number = async (sql: string): Promise<number> => Number((await session.query(sql))[0]?.[0]);
  return {
    async ping() {
      await session.query('SELECT 1');
    },
    async readGenerated(bytes) {
      const rows = await session.query(
        `WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${Math.ceil(bytes / ROW_BYTES)})
         SELECT REPEAT('x', ${ROW_BYTES}) FROM n`,
      );
      return rows.reduce((total, [text]) => total + (text?.length ?? 0), 0);
    },
    clockMs: async () => Math.round((await number('SELECT UNIX_TIMESTAMP(SYSDATE(6))')) * 1_000),
    utcOffsetMinutes: () =>
      number(
        "SELECT TIMESTAMPDIFF(MINUTE, UTC_TIMESTAMP(), CONVERT_TZ(UTC_TIMESTAMP(), '+00:00', @@global.time_zone))",
      ),
  };
}
