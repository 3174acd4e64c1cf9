import { FINDING_CODES, type Finding, type Severity } from '../finding';
import { count } from '../format';
import { FINDING_REMEDIES } from '../findingRemedies';
import { dataTable } from './dataTable';
import { html, type Html } from './html';
import type { ReportData } from './reportData';
import { MAX_LISTED, notListed } from './tables';

const GROUPS: readonly (readonly [Severity, string])[] = [
  ['blocking', 'Blocking: must be mended first'],
  ['question', 'Questions: want an answer'],
  ['warning', 'Warnings: to decide about'],
  ['info', 'Good to know'],
];

/** Everything that is not carried over as it is, the gravest first. */
export function findings(data: ReportData): Html {
  return html`<section id="findings">
    <h2>Findings</h2>
    ${
      data.findings.length === 0
        ? html`<p>None: everything is carried over as it is.</p> `
        : GROUPS.map(([severity, title]) => group(data, severity, title))
    }
  </section> `;
}

function group({ findings: all, reportPath }: ReportData, severity: Severity, title: string): Html | null {
  const found = all.filter((finding) => finding.severity === severity);
  if (found.length === 0) return null;
  return html`<h3>${title} (${count(found.length)})</h3>
    ${dataTable({
      caption: title,
      columns: [
        { title: 'Object' },
        { title: 'Finding' },
        { title: 'Source' },
        { title: 'Target' },
        { title: 'What to do' },
      ],
      rows: found
        .slice(0, MAX_LISTED)
        .map((finding) => [
          finding.object,
          html`${finding.reason}<br /><small>${finding.code}: ${FINDING_CODES[finding.code]}</small>`,
          code(finding.source),
          code(finding.target),
          remedy(finding),
        ]),
      more: notListed(found.length, 'findings', reportPath),
    })}`;
}

function remedy({ code: name }: Finding): string {
  return FINDING_REMEDIES[name];
}

/** SQL of triggers and views is long: it is shown in its own lines. */
function code(text: string): Html | null {
  if (text === '') return null;
  return text.length > 60 || text.includes('\n') ? html`<pre><code>${text}</code></pre>` : html`<code>${text}</code>`;
}
