import { counted } from '../format';
import { commands } from './commands';
import { html, type Html } from './html';
import type { ReportData } from './reportData';

/** How an accepted migration leaves its source. */
const SOURCE_IS = {
  readOnly: 'read-only',
  accounts: 'with accounts that cannot write to it',
  none: 'as it was',
} as const;

const DAY_MS = 86_400_000;

/** What is still there when the migration is over, who owns it, and until when. */
export function leftBehind(data: ReportData): Html {
  const items = remains(data);
  return html`<section>
    <h2>What is left behind</h2>
    <ul>
      ${items.map((item) => html`<li>${item}</li> `)}
    </ul>
  </section> `;
}

function remains(data: ReportData): Html[] {
  const { stage, source, target, keptSchema, input, decisions } = data;
  const memory = html`On <strong>${target}</strong> the schema <code>temporal_migrate</code>: the plan, the findings and
    what was compared. When no migration into this database runs or may be rolled back:
    <code>DROP SCHEMA temporal_migrate CASCADE</code>.`;
  const notMoved = data.findings.filter(({ code }) => code === 'OBJECT_NOT_MIGRATED').length;
  const objects =
    notMoved === 0
      ? []
      : [
          html`What is not moved (views, triggers, routines, events), on the source alone:
            ${counted(notMoved, 'object')}, with the text in <a href="#findings">the findings</a>.`,
        ];
  switch (stage) {
    case 'accepted': {
      const accepted = decisions.filter(({ kind }) => kind === 'accept').at(-1);
      const until = accepted === undefined ? null : keptUntil(accepted.at, input.retentionDays);
      return [
        html`<strong>${source}</strong>, the source, ${SOURCE_IS[input.freeze]}: to be kept for ${input.retentionDays}
          days${until === null ? null : html`, until <strong>${until}</strong>`}. This program never drops it.`,
        ...toGiveBack(data),
        ...objects,
        memory,
      ];
    }
    case 'acceptance':
      return [
        html`<strong>${source}</strong>, the source, as it was at the freeze. It is to be kept for
          ${input.retentionDays} days from the acceptance. This program never drops it.`,
        ...objects,
        memory,
      ];
    case 'rolledBack':
      return keptSchema === undefined
        ? [memory]
        : [
            html`On <strong>${target}</strong> the schema <code>${keptSchema}</code> with every row that was there.`,
            memory,
          ];
    case 'approval':
      return [
        html`Until it is decided, empty tables in the schema <code>${input.targetSchema}</code> of
          <strong>${target}</strong>.`,
        html`After an acceptance, <strong>${source}</strong>: to be kept for ${input.retentionDays} days. This program
          never drops it.`,
        ...objects,
        memory,
      ];
    case 'rejected':
    case 'aborted':
      return [memory];
  }
}

/** Nobody gives it back by itself: the source is kept as it was at the freeze. */
function toGiveBack({ source, givingBack }: ReportData): Html[] {
  if (givingBack.length === 0) return [];
  return [
    html`On <strong>${source}</strong>, accounts without what the freeze has taken from them. To give back what other
      databases of the server need, or everything once nobody can write to the source by mistake any more:
      ${commands(...givingBack.map((statement) => `${statement};`))}`,
  ];
}

/** The day the retention ends. */
function keptUntil(accepted: string, days: number): string {
  return new Date(Date.parse(accepted) + days * DAY_MS).toISOString().slice(0, 10);
}
