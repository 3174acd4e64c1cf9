import type { Finding, Severity } from '../finding';

/** A setting of a server that a person should know of. */
export function settingFinding(server: string, severity: Severity, source: string, reason: string): Finding {
  return { code: 'SETTING_UNSUITABLE', severity, object: server, source, target: '', reason };
}
