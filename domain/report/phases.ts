import { timeSpan } from '../format';
import type { Phase } from '../phases';
import type { PhaseRecord } from '../result';
import { dataTable, moment } from './dataTable';
import { html, type Content, type Html } from './html';
import type { ReportData } from './reportData';

/** Work that a bigBang does inside the cutover, under the freeze. */
const INSIDE_CUTOVER: ReadonlySet<Phase> = new Set(['copy', 'buildTarget', 'verify']);
const WAITING: ReadonlySet<Phase> = new Set(['awaiting approval', 'awaiting acceptance']);

/** When each phase began and how long it took; the bars compare the work, without the waiting for people. */
export function phases(data: ReportData): Html {
  const longest = Math.max(
    1,
    ...data.phases.filter(({ name }) => !WAITING.has(name)).map(({ durationMs }) => durationMs),
  );
  const rows = data.phases.map((phase) => [
    INSIDE_CUTOVER.has(phase.name) ? html`<span class="inner">${phase.name}</span>` : phase.name,
    moment(phase.startedAt),
    duration(data, phase),
    phase.attempts,
    WAITING.has(phase.name) ? 'waiting for people' : bar(phase.durationMs / longest),
  ]);
  const again = data.phases.some(({ attempts }) => attempts > 1);
  return html`<section>
    <h2>Phases</h2>
    ${dataTable({
      caption: 'What was done when, and how long it took',
      columns: [
        { title: 'Phase' },
        { title: 'Began' },
        { title: 'Took', number: true },
        { title: 'Attempts', number: true },
        { title: 'Share' },
      ],
      rows,
      more: again ? 'Where there was more than one attempt, the time is that of all of them together.' : null,
    })}
  </section> `;
}

function duration({ stage }: ReportData, { name, durationMs }: PhaseRecord): string {
  const awaited = stage === 'approval' ? 'awaiting approval' : stage === 'acceptance' ? 'awaiting acceptance' : null;
  return name === awaited ? 'still on' : timeSpan(durationMs);
}

function bar(share: number): Content {
  return html`<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">
    <rect width="${Math.max(0.5, share * 100).toFixed(1)}" height="10" />
  </svg>`;
}
