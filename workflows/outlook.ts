import { aboutSpan, estimateCutover } from '../domain/estimate';
import { observationSentence } from '../domain/observe/summary';
import { risksOf } from '../domain/risks';
import { trialledRates } from '../domain/trialRates';
import type { Migration } from './migration';
import type { MigrationRecord } from './record';

/** What can be said when the plan stands, before anybody approves it: how long it will take, and what may go wrong. */
export function takeStock({ record, input }: Migration): void {
  const { tables, findings, trial } = record;
  const { rowsPerSecond, parallelism } = input.copy;
  const options = { verify: input.verify, rowsPerSecond, parallelism, freeze: input.cutover.freeze };
  const estimate = estimateCutover(tables, options, trialledRates(trial));
  record.estimate = estimate;
  record.risks = risksOf({ findings, tables, estimate, input });
}

/** How many risks the details name; the report has them all. */
const TOP_RISKS = 3;

/** Estimate and gravest risks for the details of somebody who has to approve. */
export function outlookLines({ estimate, risks }: MigrationRecord): string[] {
  if (estimate === null) return [];
  return [
    `**Estimate:** the cutover takes ${aboutSpan(estimate)}${estimate.freezeMs === 0 ? '' : ', and nobody can write for as long'}. Its basis: ${estimate.basis}.`,
    '',
    `**The gravest risks** (of ${risks.length}; the report has them all)`,
    '',
    ...risks
      .slice(0, TOP_RISKS)
      .map(({ what, likelihood, impact, remedy }) => `- ${what} Likelihood ${likelihood}, impact ${impact}. ${remedy}`),
    '',
  ];
}

/** How the observation stands. */
export function observationLines({ observation }: MigrationRecord): string[] {
  return observation === null ? [] : [observationSentence(observation), ''];
}

/** What was looked at for somebody who has to accept. */
export function checkLines({ acceptanceChecks }: MigrationRecord): string[] {
  if (acceptanceChecks === null) return ['The acceptance criteria are being checked.', ''];
  return [
    `**Acceptance checks** at ${acceptanceChecks.at}:`,
    '',
    ...acceptanceChecks.checks.map(({ name, state, found }) => `- ${name} ${state}: ${found}`),
    '',
  ];
}

export function reportLines({ reportPaths }: MigrationRecord): string[] {
  return reportPaths === null ? [] : [`**Report** (on the worker's machine): \`${reportPaths.html}\``, ''];
}
