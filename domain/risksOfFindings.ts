import type { Finding, FindingCode } from './finding';
import { count } from './format';
import type { Risk, RiskFacts } from './risks';

/** A risk that findings of some codes stand for; `what` follows on the objects' names. */
interface FindingRisk extends Risk {
  readonly codes: readonly FindingCode[];
}

/** How many objects a risk names before it only counts them. */
const NAMED = 3;

/** Above this a table without a key makes one transaction that is felt. */
const LARGE_UNKEYED_BYTES = 1_000_000_000;

/** Risks that findings of preflight and plan stand for: one for each kind, however many findings it has. */
export function risksOfFindings({ findings, tables }: RiskFacts): Risk[] {
  const told = findings.filter(({ severity, code }) => severity !== 'info' || code === 'SETTING_UNSUITABLE');
  const sizes = new Map(tables.map(({ name, bytes }) => [name, bytes]));
  return FINDING_RISKS.flatMap(({ codes, ...risk }) => {
    const meant = told.filter(({ code }) => codes.includes(code));
    if (meant.length === 0) return [];
    const large = meant.some(({ code, object }) => code === 'TABLE_WITHOUT_KEY' && isLarge(sizes.get(object)));
    return [{ ...risk, ...(large ? { likelihood: 'high' as const } : {}), what: `${risk.what}: ${names(meant)}.` }];
  });
}

function isLarge(bytes: number | undefined): boolean {
  return bytes !== undefined && bytes >= LARGE_UNKEYED_BYTES;
}

function names(findings: readonly Finding[]): string {
  const objects = [...new Set(findings.map(({ object }) => object))];
  const more = objects.length - NAMED;
  return `${objects.slice(0, NAMED).join(', ')}${more > 0 ? ` and ${count(more)} more` : ''}`;
}

const FINDING_RISKS: readonly FindingRisk[] = [
  {
    codes: ['FREEZE_LEAKS'],
    what: 'Accounts can write through the freeze, and what they write is not on the target',
    likelihood: 'low',
    impact: 'high',
    remedy: 'Let no application or job use these accounts during the cutover.',
  },
  {
    codes: ['PREPARED_TRANSACTION', 'LONG_TRANSACTION'],
    what: 'Open transactions hold the freeze up, and the cutover is sent back',
    likelihood: 'medium',
    impact: 'low',
    remedy: 'End them before you approve. The source is left as it was, and approving again is enough.',
  },
  {
    codes: ['SETTING_UNSUITABLE'],
    what: 'A server setting weakens what is checked (no binary log: a write in a gap of the freeze goes unseen)',
    likelihood: 'low',
    impact: 'high',
    remedy: 'Change what the finding names, or keep the applications stopped during the cutover.',
  },
  {
    codes: ['PLAIN_TEXT_CONNECTION'],
    what: 'Rows cross the network unencrypted',
    likelihood: 'low',
    impact: 'high',
    remedy: 'Turn TLS on at the server and set ssl=require or stricter in the connection.',
  },
  {
    codes: ['TABLE_WITHOUT_KEY'],
    what: 'Tables without a key are copied in one transaction, and start anew when it breaks',
    likelihood: 'low',
    impact: 'medium',
    remedy: 'Give them a primary key on the source, before the migration, where they are large.',
  },
  {
    codes: ['CASE_INSENSITIVE_KEY'],
    what: 'The source compares these keys without regard to case, the target with it: look-ups find less, duplicates become possible',
    likelihood: 'medium',
    impact: 'high',
    remedy:
      'Look for = and uniqueness the application relies on; lower-case the values, or use a citext column or an index on lower().',
  },
  {
    codes: ['FOREIGN_KEY_ORPHANS'],
    what: 'Rows break a foreign key, which is therefore NOT VALID on the target',
    likelihood: 'high',
    impact: 'low',
    remedy: 'Mend the rows on the target, then ALTER TABLE … VALIDATE CONSTRAINT.',
  },
  {
    codes: ['FOREIGN_KEY_OUTSIDE', 'FOREIGN_KEY_NOT_TRANSLATED', 'CHECK_NOT_TRANSLATED'],
    what: 'Rules the source keeps are not kept on the target, so wrong rows can get in',
    likelihood: 'medium',
    impact: 'medium',
    remedy: 'Make them by hand after the switch; the findings have their text.',
  },
  {
    codes: ['INDEX_NOT_TRANSLATED'],
    what: 'Indexes are missing on the target: queries get slow, and unique ones keep nothing unique',
    likelihood: 'medium',
    impact: 'medium',
    remedy: 'Write their replacement beforehand and run it after the switch.',
  },
  {
    codes: ['INDEX_TOO_LARGE'],
    what: 'Index entries can be too long, and the cutover is sent back when one is',
    likelihood: 'low',
    impact: 'medium',
    remedy: 'Look for values of over 2,700 bytes in these columns, and shorten them.',
  },
  {
    codes: [
      'OBJECT_NOT_MIGRATED',
      'COLUMN_UPDATES_ITSELF',
      'COLUMN_GENERATED',
      'DEFAULT_NOT_TRANSLATED',
      'DEFAULT_DROPPED',
      'IDENTITY_NOT_POSSIBLE',
    ],
    what: 'What the source did by itself is missing on the target (views, triggers, generated values, defaults)',
    likelihood: 'high',
    impact: 'medium',
    remedy: 'Prepare the SQL from the findings and run it right after the switch.',
  },
  {
    codes: ['ZERO_DATES', 'NUL_CHARACTERS', 'INVALID_ENUM_VALUES', 'NOT_NULL_DROPPED'],
    what: 'Values change on the way, as the mapping asks for',
    likelihood: 'high',
    impact: 'low',
    remedy: 'See that the application can read them; or mend the rows on the source first.',
  },
  {
    codes: ['NAME_CHANGED', 'NAME_CLASH'],
    what: 'Objects have another name on the target, which the application does not know',
    likelihood: 'medium',
    impact: 'medium',
    remedy: 'Change the SQL that names them, or choose their names in mapping.',
  },
];
