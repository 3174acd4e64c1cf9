import type { Session } from './session';

const NAMES = ['binlog_expire_logs_auto_purge', 'binlog_expire_logs_seconds', 'expire_logs_days'] as const;

export type RetentionSettings = Partial<Record<(typeof NAMES)[number], string>>;

/** How long a server of these settings keeps a file of its log that it has finished; null for ever. */
export function keptSeconds(settings: RetentionSettings): number | null {
  if (settings.binlog_expire_logs_auto_purge === 'OFF') return null;
  const seconds = Number(settings.binlog_expire_logs_seconds ?? 0);
  const kept = seconds > 0 ? seconds : Number(settings.expire_logs_days ?? 0) * 86_400;
  return kept > 0 ? kept : null;
}

export async function readRetention(session: Session): Promise<number | null> {
  const names = NAMES.map((name) => `'${name}'`).join(', ');
  const rows = await session.show(`SHOW GLOBAL VARIABLES WHERE Variable_name IN (${names})`);
  return keptSeconds(Object.fromEntries(rows.map((row) => [row['Variable_name'] ?? '', row['Value'] ?? ''])));
}
