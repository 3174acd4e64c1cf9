import type { Finding } from '../../../domain/finding';
import { settingFinding } from '../../../domain/preflight/settingFinding';
import type { Session } from '../session';

/** Verification has the server spell values as text: a longer one comes out as NULL there. */
const LEAST_PACKET = 16_777_216;
/** A log that is thrown away sooner could be gone before a stream has read it. */
const LEAST_RETENTION_SECONDS = 86_400;

const NAMES = [
  'sql_mode',
  'max_allowed_packet',
  'log_bin',
  'binlog_format',
  'binlog_row_image',
  'binlog_expire_logs_seconds',
  'expire_logs_days',
] as const;

type Settings = Partial<Record<(typeof NAMES)[number], string>>;

export async function settingFindings(session: Session): Promise<Finding[]> {
  const names = NAMES.map((name) => `'${name}'`).join(', ');
  const rows = await session.show(`SHOW GLOBAL VARIABLES WHERE Variable_name IN (${names})`);
  const settings = Object.fromEntries(rows.map((row) => [row['Variable_name'] ?? '', row['Value'] ?? ''])) as Settings;
  return findInSettings(session.name, settings);
}

/** What of a source's settings a person should know. Our own sessions pin what changes the meaning of a value. */
export function findInSettings(name: string, settings: Settings): Finding[] {
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
    const reason = 'without a binary log only a restart of the source can be noticed under the freeze, not a write';
    findings.push(settingFinding(name, 'info', 'log_bin = OFF', reason));
  } else {
    const wanting = wantingForAStream(settings);
    const reason = `bigBang needs none of it; for the strategy "live" of a later release: ${wanting.map(({ remedy }) => remedy).join('; ')}`;
    if (wanting.length > 0)
      findings.push(settingFinding(name, 'info', wanting.map(({ found }) => found).join(', '), reason));
  }
  return findings;
}

function wantingForAStream(settings: Settings): { found: string; remedy: string }[] {
  const { binlog_format: format, binlog_row_image: image } = settings;
  const seconds = Number(settings.binlog_expire_logs_seconds ?? 0);
  const kept = seconds > 0 ? seconds : Number(settings.expire_logs_days ?? 0) * 86_400;
  return [
    ...(format !== undefined && format !== 'ROW'
      ? [{ found: `binlog_format = ${format}`, remedy: 'SET GLOBAL binlog_format = ROW' }]
      : []),
    ...(image !== undefined && image !== 'FULL'
      ? [{ found: `binlog_row_image = ${image}`, remedy: 'SET GLOBAL binlog_row_image = FULL' }]
      : []),
    // 0 keeps them for ever.
    ...(kept > 0 && kept < LEAST_RETENTION_SECONDS
      ? [
          {
            found: `binary logs kept for ${kept} s`,
            remedy: `SET GLOBAL binlog_expire_logs_seconds = ${LEAST_RETENTION_SECONDS * 7}`,
          },
        ]
      : []),
  ];
}

function isOn(value: string): boolean {
  return value === 'ON' || value === '1';
}
