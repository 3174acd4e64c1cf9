import type { AcceptanceCheck } from '../acceptanceChecks';
import { pointInTime } from '../format';
import { observationSentence } from '../observe/summary';
import { dataTable } from './dataTable';
import { html, type Html } from './html';
import type { ReportData } from './reportData';

const NAMES: Readonly<Record<AcceptanceCheck['name'], string>> = {
  verification: 'No row differs',
  sourceFrozen: 'Nothing was written to the source since the freeze',
  sourceRows: 'The source holds the rows that were verified',
  targetRows: 'Rows on the target now',
};

const STATES: Readonly<Record<AcceptanceCheck['state'], string>> = {
  passed: 'holds',
  failed: 'DOES NOT HOLD',
  noted: 'for information',
  notChecked: 'could not be checked',
};

/** The acceptance criteria as they were found last. They inform a person, and stop nothing. */
export function acceptance(data: ReportData): Html {
  return html`${observed(data)}${checked(data)}`;
}

/** What was observed since the switch, as far as it has come. */
function observed({ observation }: ReportData): Html {
  if (observation === undefined) return html``;
  const { breach } = observation;
  return html`<section>
    <h2>Observation</h2>
    <p>${observationSentence(observation)}</p>
    ${breach === null ? null : html`<p class="alert"><strong>It was rolled back</strong> for ${breach}</p> `}
  </section> `;
}

function checked({ acceptanceChecks, stage }: ReportData): Html {
  if (acceptanceChecks === null) return html``;
  const when =
    stage === 'accepted'
      ? 'once more when it was accepted'
      : stage === 'acceptance'
        ? 'while the acceptance is awaited'
        : 'before the rollback';
  return html`<section>
    <h2>Acceptance checks</h2>
    <p>
      Looked at ${when}, at ${pointInTime(acceptanceChecks.at)}. They inform the person who accepts; a check that does
      not hold stops nothing by itself.
    </p>
    ${dataTable({
      caption: 'What was checked again',
      columns: [{ title: 'Criterion' }, { title: 'Result' }, { title: 'What was found' }],
      rows: acceptanceChecks.checks.map(({ name, state, found }) => [
        NAMES[name],
        html`<span class="${state}">${STATES[state]}</span>`,
        found,
      ]),
    })}
  </section> `;
}
