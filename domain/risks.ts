import type { Estimate } from './estimate';
import type { Finding } from './finding';
import type { MigrationInput } from './input';
import type { TableSummary } from './result';
import { risksOfFindings } from './risksOfFindings';
import { risksOfSettings } from './risksOfSettings';

export type Level = 'low' | 'medium' | 'high';

/** Something that may go wrong with this migration, and what helps. */
export interface Risk {
  readonly what: string;
  readonly likelihood: Level;
  readonly impact: Level;
  readonly remedy: string;
}

/** What is known when the plan stands, before anything is approved. */
export interface RiskFacts {
  readonly findings: readonly Finding[];
  readonly tables: readonly Pick<TableSummary, 'name' | 'rows' | 'bytes'>[];
  readonly estimate: Estimate;
  readonly input: Pick<
    MigrationInput,
    'strategy' | 'cutover' | 'targetGrants' | 'verify' | 'acceptance' | 'targetSchema'
  >;
}

const WEIGHT: Readonly<Record<Level, number>> = { low: 1, medium: 2, high: 3 };

/** The risks of a migration, the gravest first. Pure: the same facts always give the same list. */
export function risksOf(facts: RiskFacts): Risk[] {
  const grave = ({ likelihood, impact }: Risk): number => WEIGHT[likelihood] * WEIGHT[impact];
  return [...risksOfSettings(facts), ...risksOfFindings(facts)].sort(
    (a, b) => grave(b) - grave(a) || WEIGHT[b.impact] - WEIGHT[a.impact],
  );
}
