import type { Finding } from '../../../domain/finding';
import { errorNumber } from '../errors';
import { quoteName } from '../quote';
import type { Session } from '../session';
import { findWriters, othersCovered, ownUser, readGrantees, rolesOf, type Grantee, type Writer } from './accounts';
import { privilegeName } from './grantText';
import { findLeaks } from './leaks';

const DENIED = [1142, 1044, 1227];

/** What a freeze by accounts would do to whom, what it lacks for that, and what it cannot stop. */
export async function accountFindings(session: Session): Promise<Finding[]> {
  try {
    const grantees = await readGrantees(session);
    const writers = await findWriters(session, grantees);
    return [
      ...(await lackingRights(session, grantees, writers)),
      ...(await findLeaks(session)),
      ...(await takingFindings(session, writers)),
    ];
  } catch (error) {
    if (!DENIED.includes(errorNumber(error) ?? 0)) throw error;
    return [await missing(session, 'GRANT SELECT ON `mysql`.*', 'the freeze must see who can write')];
  }
}

/** Only what the account is granted itself counts: what a role gives may be taken together with the role's. */
async function lackingRights(
  session: Session,
  grantees: readonly Grantee[],
  writers: readonly Writer[],
): Promise<Finding[]> {
  const [row] = await session.query('SELECT CURRENT_USER()');
  const self = grantees.find(({ name }) => name.replaceAll('`', '') === row?.[0]);
  const lines = (self?.lines ?? []).filter((line) => line.kind === 'privileges');
  const holds = (privilege: string, on: string): boolean =>
    lines.some(
      (line) =>
        [on, '*.*'].includes(line.on) && [privilege, 'ALL PRIVILEGES'].some((name) => line.privileges.includes(name)),
    );
  const mayGrant = (on: string): boolean => lines.some((line) => [on, '*.*'].includes(line.on) && line.grantOption);

  const needed = new Map<string, Set<string>>();
  for (const { line, writes } of writers.flatMap(({ inDatabase }) => inDatabase)) {
    const on = line.level === 'database' ? line.on : `${quoteName(line.database ?? '')}.*`;
    const privileges = needed.get(on) ?? new Set();
    for (const privilege of writes) privileges.add(privilegeName(privilege));
    needed.set(on, privileges);
  }
  const findings: Finding[] = [];
  for (const [on, privileges] of needed) {
    if (mayGrant(on) && [...privileges].every((privilege) => holds(privilege, on))) continue;
    const why = 'the freeze takes these rights from others, and must be able to give them back';
    findings.push(await missing(session, `GRANT ${[...privileges].join(', ')} ON ${on}`, why, ' WITH GRANT OPTION'));
  }
  const byName = new Map(grantees.map((grantee) => [grantee.name, grantee]));
  const isSystem = (grantee: Grantee): boolean =>
    [grantee, ...rolesOf(grantee, byName)].some(({ lines: own }) =>
      own.some((line) => line.kind === 'privileges' && line.privileges.includes('SYSTEM_USER')),
    );
  const system = writers.map(({ grantee }) => grantee).filter(isSystem);
  if (system.length > 0 && !holds('SYSTEM_USER', '*.*')) {
    const names = system.map(({ name }) => name).join(', ');
    findings.push(await missing(session, 'GRANT SYSTEM_USER ON *.*', `the freeze must lock ${names}, which have it`));
  }
  return findings;
}

async function takingFindings(session: Session, writers: readonly Writer[]): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { grantee, inDatabase, everywhere } of writers) {
    if (everywhere && !grantee.locked && grantee.user !== null) {
      const reason =
        'it can write to every database, so nobody can log in with it while the source is frozen; its sessions are ended';
      findings.push(stops(session, 'warning', `${grantee.name} is locked`, reason));
    }
    for (const { line, writes } of inDatabase) {
      const others = line.level === 'database' ? await othersCovered(session, line.database ?? '') : [];
      const beyond =
        others.length > 0
          ? `; the grant is for other databases, too, which it cannot write to meanwhile: ${others.join(', ')}`
          : '';
      const reason = `it can read, and not write, while the source is frozen; its sessions are ended once${beyond}`;
      const source = `${writes.join(', ')} on ${line.on} are revoked from ${grantee.name}`;
      findings.push(stops(session, others.length > 0 ? 'warning' : 'info', source, reason));
    }
  }
  return findings;
}

function stops(session: Session, severity: Finding['severity'], source: string, reason: string): Finding {
  return { code: 'FREEZE_STOPS', severity, object: session.name, source, target: '', reason };
}

async function missing(session: Session, grant: string, why: string, rest = ''): Promise<Finding> {
  const [row] = await session.query("SELECT SUBSTRING_INDEX(CURRENT_USER(), '@', -1)");
  const account = `${quoteName(await ownUser(session))}@${quoteName(row?.[0] ?? '')}`;
  return {
    code: 'GRANT_MISSING',
    severity: 'blocking',
    object: session.name,
    source: `the user has no ${grant.slice('GRANT '.length).replace(' ON ', ' on ')}${rest.toLowerCase()}`,
    target: '',
    reason: `${why}: ${grant} TO ${account}${rest}`,
  };
}
