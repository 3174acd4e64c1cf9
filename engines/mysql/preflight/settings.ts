import type { Finding } from '../../../domain/finding';
import { settingFinding } from '../../../domain/preflight/settingFinding';
import { keptSeconds } from '../retention';
import type { Session } from '../session';

/** Verification has the server spell values as text: a longer one comes out as NULL there. */
const LEAST_PACKET = 16_777_216;
/** A log that is thrown away sooner could be gone before a stream has read it. */
const LEAST_RETENTION_SECONDS = 86_400;

const NAMES = [
  'sql_mode',
  'max_allowed_packet',
  'log_bin',
  'server_id',
  'binlog_format',
  'binlog_row_image',
  'binlog_row_value_options',
  'binlog_alter_two_phase',
  'binlog_expire_logs_auto_purge',
  'binlog_expire_logs_seconds',
  'expire_logs_days',
] as const;

type Settings = Partial<Record<(typeof NAMES)[number], string>>;

export async function settingFindings(session: Session, live: boolean): Promise<Finding[]> {
  const names = NAMES.map((name) => `'${name}'`).join(', ');
  const rows = await session.show(`SHOW GLOBAL VARIABLES WHERE Variable_name IN (${names})`);
  const settings = Object.fromEntries(rows.map((row) => [row['Variable_name'] ?? '', row['Value'] ?? ''])) as Settings;
  return findInSettings(session.name, settings, live);
}

/**
 * What of a source's settings a person should know. Our own sessions pin what changes the meaning of a value. `live` is
 * for a migration that follows the log.
 */
export function findInSettings(name: string, settings: Settings, live = false): Finding[] {
  const findings: Finding[] = [];
  const { sql_mode: mode, max_allowed_packet: packet, log_bin: logs } = settings;
  if (mode !== undefined && !/STRICT_(TRANS|ALL)_TABLES/.test(mode)) {
    const reason =
      'the application may rely on values being cut or bent to fit: PostgreSQL refuses them, so test its writes on the target';
    findings.push(settingFinding(name, 'info', `sql_mode = ${mode === '' ? "''" : mode}, which is not strict`, reason));
  }
  if (packet !== undefined && Number(packet) < LEAST_PACKET) {
    const reason = `values beyond it can be neither copied nor compared: SET GLOBAL max_allowed_packet = ${LEAST_PACKET} or more`;
    findings.push(settingFinding(name, 'warning', `max_allowed_packet = ${packet}`, reason));
  }
  if (logs !== undefined && !isOn(logs)) {
    const reason = live
      ? 'there is nothing to follow: give the server the option log_bin and restart it, or use the strategy "bigBang"'
      : 'without a binary log only a restart of the source can be noticed under the freeze, not a write';
    findings.push(settingFinding(name, live ? 'blocking' : 'info', 'log_bin = OFF', reason));
  } else {
    findings.push(...findForAStream(name, settings, live));
  }
  return findings;
}

/** What a stream of the log would lack, each by itself; or where nobody follows it, in one line. */
function findForAStream(name: string, settings: Settings, live: boolean): Finding[] {
  const wanting = wantingForAStream(settings);
  if (live) {
    return wanting.map(({ severity, found, why, remedy }) =>
      settingFinding(name, severity, found, `${why}: ${remedy}`),
    );
  }
  if (wanting.length === 0) return [];
  const reason = `bigBang needs none of it; the strategy "live" does: ${wanting.map(({ remedy }) => remedy).join('; ')}`;
  return [settingFinding(name, 'info', wanting.map(({ found }) => found).join(', '), reason)];
}

interface Wanting {
  readonly severity: 'blocking' | 'warning';
  readonly found: string;
  readonly why: string;
  readonly remedy: string;
}

/** Only sessions that begin later have what is set now. */
const NEW_SESSIONS = ', and let the application connect anew: its present sessions keep the former value';

function wantingForAStream(settings: Settings): Wanting[] {
  const { binlog_format: format, binlog_row_image: image, binlog_row_value_options: options, server_id: id } = settings;
  const kept = keptSeconds(settings);
  const wanting: (Wanting | null)[] = [
    format === undefined || format === 'ROW'
      ? null
      : {
          severity: 'blocking',
          found: `binlog_format = ${format}`,
          why: 'the log has statements, which only the server itself can make again',
          remedy: `SET GLOBAL binlog_format = ROW${NEW_SESSIONS}`,
        },
    image === undefined || image === 'FULL'
      ? null
      : {
          severity: 'blocking',
          found: `binlog_row_image = ${image}`,
          why: 'the log leaves columns of a changed row out',
          remedy: `SET GLOBAL binlog_row_image = FULL${NEW_SESSIONS}`,
        },
    options === undefined || options === ''
      ? null
      : {
          severity: 'blocking',
          found: `binlog_row_value_options = ${options}`,
          why: 'the log has parts of JSON values only',
          remedy: `SET GLOBAL binlog_row_value_options = ''${NEW_SESSIONS}`,
        },
    settings.binlog_alter_two_phase === 'ON'
      ? {
          severity: 'blocking',
          found: 'binlog_alter_two_phase = ON',
          why: 'the log does not say behind which row a changed table has its new columns',
          remedy: `SET GLOBAL binlog_alter_two_phase = OFF${NEW_SESSIONS}`,
        }
      : null,
    id === '0'
      ? {
          severity: 'blocking',
          found: 'server_id = 0',
          why: 'such a server sends its log to nobody',
          remedy: 'SET GLOBAL server_id = 1, or any number that no other server here has',
        }
      : null,
    kept !== null && kept < LEAST_RETENTION_SECONDS
      ? {
          severity: 'warning',
          found: `binary logs kept for ${kept} s`,
          why: 'what is thrown away before it is applied is lost to the stream, and the copy begins anew',
          remedy: `SET GLOBAL binlog_expire_logs_seconds = ${LEAST_RETENTION_SECONDS * 7}`,
        }
      : null,
  ];
  return wanting.filter((each) => each !== null);
}

function isOn(value: string): boolean {
  return value === 'ON' || value === '1';
}
