import type { TableFacts } from '../catalog';
import type { Finding } from '../finding';

/** The findings about rows that the target refuses, and the facts that counted them. */
const COUNTED = {
  ZERO_DATES: 'zeroDates',
  NUL_CHARACTERS: 'nulCharacters',
  INVALID_ENUM_VALUES: 'invalidEnums',
} as const;

/**
 * Rows that the target refuses stop a migration, unless no more of them were counted in all columns together than may
 * be rejected (`rejectedRows.limit`): then each such finding is a warning.
 */
export function admitRejected(
  findings: readonly Finding[],
  facts: ReadonlyMap<string, TableFacts>,
  limit: number,
): readonly Finding[] {
  const refused = findings.filter(refuses);
  const total = refused.reduce((sum, finding) => sum + countOf(finding, facts), 0);
  if (limit === 0 || refused.length === 0 || total > limit) return findings;
  return findings.map((finding) =>
    refuses(finding)
      ? {
          ...finding,
          severity: 'warning',
          target: 'these rows are rejected: they are kept in temporal_migrate.rejected_rows and not copied',
        }
      : finding,
  );
}

function refuses({ code, severity }: Finding): boolean {
  return severity === 'blocking' && code in COUNTED;
}

function countOf({ code, object }: Finding, facts: ReadonlyMap<string, TableFacts>): number {
  for (const [table, { columns }] of facts) {
    const column = object.startsWith(`${table}.`) ? columns[object.slice(table.length + 1)] : undefined;
    if (column !== undefined) return column[COUNTED[code as keyof typeof COUNTED]] ?? 0;
  }
  return 0;
}
