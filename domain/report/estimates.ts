import { aboutSpan } from '../estimate';
import { timeSpan } from '../format';
import { dataTable } from './dataTable';
import { html, type Content, type Html } from './html';
import type { ReportData } from './reportData';

/** How long the cutover was expected to take and why, and once it has run how long it took. */
export function estimates(data: ReportData): Html {
  const { estimate, input } = data;
  if (estimate === null) return html``;
  const measured = new Map(
    data.phases.map(({ name, durationMs, attempts }) => [name, attempts > 0 ? durationMs : null]),
  );
  const ran = measured.has('copy');
  const lines: [string, number, number | null][] = [
    ...estimate.phases.map(({ name, durationMs }): [string, number, number | null] => [
      name,
      durationMs,
      measured.get(name) ?? null,
    ]),
    ['cutover, as a whole', estimate.durationMs, measured.get('cutover') ?? null],
    ...(input.freeze === 'none'
      ? []
      : [['write pause', estimate.freezeMs, ran ? data.freezeMs : null] as [string, number, number | null]]),
  ];
  return html`<section>
    <h2>Estimate${ran ? ' and what came of it' : ''}</h2>
    ${dataTable({
      caption: ran ? 'Estimated and measured' : 'Estimated',
      columns: [
        { title: 'What' },
        { title: 'Estimated', number: true },
        ...(ran
          ? [
              { title: 'Measured', number: true },
              { title: 'Measured / estimated', number: true },
            ]
          : []),
      ],
      rows: lines.map(([what, expected, real]) => [
        what,
        timeSpan(expected),
        ...(ran ? [real === null ? '–' : timeSpan(real), factor(expected, real)] : []),
      ]),
    })}
    <p>As a whole ${aboutSpan(estimate)}. Its basis: ${estimate.basis}.</p>
  </section> `;
}

function factor(expected: number, real: number | null): Content {
  if (real === null || expected === 0) return '–';
  return `${(real / expected).toFixed(2)} ×`;
}
