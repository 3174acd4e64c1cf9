import type { Level, Risk } from '../risks';
import { dataTable } from './dataTable';
import { html, type Html } from './html';
import type { ReportData } from './reportData';

const RISING: readonly Level[] = ['low', 'medium', 'high'];
const FALLING: readonly Level[] = ['high', 'medium', 'low'];

/** How likely against how bad, by number; then each in words, with what helps. */
export function riskMatrix({ risks }: ReportData): Html {
  return html`<section id="risks">
    <h2>Risks</h2>
    ${
      risks.length === 0
        ? html`<p>None is known.</p> `
        : html`<p>
              They follow from the findings, the sizes of the tables and the choices of the input. The numbers in the
              matrix are those of the list below it.
            </p>
            ${matrix(risks)}${list(risks)}`
    }
  </section> `;
}

function matrix(risks: readonly Risk[]): Html {
  const cell = (likelihood: Level, impact: Level): Html => {
    const numbers = risks.flatMap((risk, index) =>
      risk.likelihood === likelihood && risk.impact === impact ? [String(index + 1)] : [],
    );
    const heat = RISING.indexOf(likelihood) + RISING.indexOf(impact);
    return html`<td class="heat${heat}">${numbers.join(', ')}</td>`;
  };
  return html`<div class="scroll">
    <table class="matrix">
      <caption>
        Which risk is how likely and how bad
      </caption>
      <thead>
        <tr>
          <th scope="col">Likelihood</th>
          ${RISING.map((impact) => html`<th scope="col">${impact} impact</th>`)}
        </tr>
      </thead>
      <tbody>
        ${FALLING.map(
          (likelihood) =>
            html`<tr>
              <th scope="row">${likelihood}</th>
              ${RISING.map((impact) => cell(likelihood, impact))}
            </tr> `,
        )}
      </tbody>
    </table>
  </div> `;
}

function list(risks: readonly Risk[]): Html {
  return dataTable({
    caption: 'The risks, the gravest first',
    columns: [
      { title: 'No.' },
      { title: 'What may happen' },
      { title: 'Likelihood' },
      { title: 'Impact' },
      { title: 'What helps' },
    ],
    rows: risks.map(({ what, likelihood, impact, remedy }, index) => [index + 1, what, likelihood, impact, remedy]),
  });
}
