import type { CanonicalType } from '../canonicalType';
import type { Column, ColumnFacts, Table } from '../catalog';
import type { Finding } from '../finding';
import type { ValuePolicies } from '../plan';
import { isZeroDate } from './zeroDate';

/** Whether the column admits NULL on the target, and what becomes of the values it cannot hold. */
export function settleValues(
  table: Table,
  column: Column,
  type: CanonicalType,
  facts: ColumnFacts,
  policies: ValuePolicies,
): { nullable: boolean; findings: Finding[] } {
  const object = `${table.name}.${column.name}`;
  const problems = [...zeroDates(column, type, facts, policies), ...otherValues(type, facts, policies)];
  const findings = problems.flatMap(({ code, rows, what, fate }): Finding[] =>
    rows === 0
      ? []
      : [valueFinding(column, object, code, `${rows} ${rows === 1 ? 'row holds' : 'rows hold'} ${what}`, fate)],
  );
  const becomesNull = problems.find(({ fate }) => fate === 'become NULL');
  if (becomesNull && !column.nullable) {
    const found = becomesNull.rows > 0 ? `${becomesNull.rows} rows hold` : 'its default is one of';
    findings.push({
      code: 'NOT_NULL_DROPPED',
      severity: 'warning',
      object,
      source: `${column.declaredType} NOT NULL`,
      target: 'NULL is admitted',
      reason: `${found} ${becomesNull.what}, which ${becomesNull.policy} turns into NULL`,
    });
  }
  return { nullable: column.nullable || becomesNull !== undefined, findings };
}

type Fate = 'become NULL' | 'lose it' | 'are refused';

interface Problem {
  readonly code: 'ZERO_DATES' | 'NUL_CHARACTERS' | 'INVALID_ENUM_VALUES';
  readonly rows: number;
  readonly what: string;
  readonly fate: Fate;
  readonly policy: string;
}

/** A zero date counts when a row holds one, or when it is what a row gets by default. */
function zeroDates(column: Column, type: CanonicalType, facts: ColumnFacts, policies: ValuePolicies): Problem[] {
  if (type.kind !== 'date' && type.kind !== 'timestamp') return [];
  const rows = facts.zeroDates ?? 0;
  const byDefault = column.default?.kind === 'literal' && isZeroDate(column.default.text);
  if (rows === 0 && !byDefault) return [];
  const fate = policies.zeroDates === 'null' ? 'become NULL' : 'are refused';
  return [
    {
      code: 'ZERO_DATES',
      rows,
      what: 'zero or partial dates',
      fate,
      policy: `mapping.zeroDates "${policies.zeroDates}"`,
    },
  ];
}

function otherValues(type: CanonicalType, facts: ColumnFacts, policies: ValuePolicies): Problem[] {
  const problems: Problem[] = [];
  if (facts.nulCharacters && type.kind !== 'bytes') {
    problems.push({
      code: 'NUL_CHARACTERS',
      rows: facts.nulCharacters,
      what: 'the character NUL',
      fate: policies.nulCharacters === 'strip' ? 'lose it' : 'are refused',
      policy: `mapping.nulCharacters "${policies.nulCharacters}"`,
    });
  }
  if (facts.invalidEnums) {
    problems.push({
      code: 'INVALID_ENUM_VALUES',
      rows: facts.invalidEnums,
      what: "the enum's error value (an empty string that is no label)",
      fate: policies.invalidEnums === 'null' ? 'become NULL' : 'are refused',
      policy: `mapping.invalidEnums "${policies.invalidEnums}"`,
    });
  }
  return problems;
}

const WAYS_OUT = {
  ZERO_DATES: 'mend the rows, set mapping.zeroDates to "null", or admit them by rejectedRows.limit',
  NUL_CHARACTERS: 'mend the rows, set mapping.nulCharacters to "strip", or admit them by rejectedRows.limit',
  INVALID_ENUM_VALUES: 'mend the rows, set mapping.invalidEnums to "null", or admit them by rejectedRows.limit',
} as const;

function valueFinding(column: Column, object: string, code: Problem['code'], counted: string, fate: Fate): Finding {
  const refused = fate === 'are refused';
  return {
    code,
    severity: refused ? 'blocking' : 'warning',
    object,
    source: column.declaredType,
    target: refused ? '' : `these values ${fate}`,
    reason: `${counted}, which the target cannot store${refused ? `: ${WAYS_OUT[code]}` : ''}`,
  };
}
