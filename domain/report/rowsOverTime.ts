import type { CopySample } from '../copySamples';
import { count, counted, timeSpan } from '../format';
import { html, type Html } from './html';
import type { ReportData } from './reportData';

const WIDTH = 720;
const HEIGHT = 280;
/** Room for the numbers beside the axes. */
const LEFT = 90;
const RIGHT = 24;
const TOP = 14;
const BOTTOM = 44;

/** The copy as a line: rows against time. Nothing before a copy has run. */
export function rowsOverTime({ copySamples: samples }: ReportData): Html {
  const last = samples.at(-1);
  if (last === undefined || samples.length < 2) return html``;
  const average = last.atMs === 0 ? 0 : (1_000 * last.rows) / last.atMs;
  const told = `${counted(last.rows, 'row')} in ${timeSpan(last.atMs)}, ${count(average)} rows/s on average`;
  return html`<section>
    <h2>Rows over time</h2>
    <figure>
      ${plot(samples, last, told)}
      <figcaption>
        The copy: ${told}.${samples.length === 2 ? ' It was too short to be measured in between.' : null}
      </figcaption>
    </figure>
  </section> `;
}

function plot(samples: readonly CopySample[], last: CopySample, told: string): Html {
  const [maxMs, maxRows] = [Math.max(1, last.atMs), Math.max(1, ...samples.map(({ rows }) => rows))];
  const x = (ms: number): string => (LEFT + (ms / maxMs) * (WIDTH - LEFT - RIGHT)).toFixed(1);
  const y = (rows: number): string => (HEIGHT - BOTTOM - (rows / maxRows) * (HEIGHT - TOP - BOTTOM)).toFixed(1);
  const line = samples.map(({ atMs, rows }) => `${x(atMs)},${y(rows)}`).join(' ');
  const rowTicks = ticks(maxRows).map(
    (rows) =>
      html`<line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${y(rows)}" y2="${y(rows)}" /><text
          x="${LEFT - 8}"
          y="${y(rows)}"
          dy="0.35em"
          text-anchor="end"
          >${count(rows)}</text
        > `,
  );
  const timeTicks = [0, 0.25, 0.5, 0.75, 1].map(
    (share) =>
      html`<text x="${x(share * maxMs)}" y="${HEIGHT - BOTTOM + 20}" text-anchor="middle"
        >${share === 0 ? '0' : timeSpan(share * maxMs)}</text
      > `,
  );
  return html`<svg class="plot" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Rows over time: ${told}">
    ${rowTicks}${timeTicks}
    <text x="${LEFT - 8}" y="${HEIGHT - 4}" text-anchor="end">rows</text>
    <text x="${WIDTH - RIGHT}" y="${HEIGHT - 4}" text-anchor="end">time since the copy began</text>
    <polyline class="line" points="${line}" />
    ${samples.map(({ atMs, rows }) => html`<circle cx="${x(atMs)}" cy="${y(rows)}" r="2.5" />`)}
  </svg> `;
}

/** Some five round numbers from zero up to the largest. */
function ticks(max: number): number[] {
  const rough = max / 5;
  const magnitude = 10 ** Math.floor(Math.log10(Math.max(1, rough)));
  const step = Math.max(1, [1, 2, 5, 10].map((factor) => factor * magnitude).find((size) => size >= rough) ?? max);
  return Array.from({ length: Math.floor(max / step) + 1 }, (_, index) => index * step);
}
