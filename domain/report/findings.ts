import { FINDING_CODES, type Finding, type FindingCode, type Severity } from '../finding';
import { count, counted } from '../format';
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
  const listed = found.slice(0, MAX_LISTED);
  const kinds = [...new Set(listed.map(({ code }) => code))];
  const rest = notListed(found.length, 'findings', reportPath);
  return html`<h3>${title} (${count(found.length)})</h3>
    ${kinds.map((code) =>
      kind(
        code,
        listed.filter((finding) => finding.code === code),
      ),
    )}${rest === null ? null : html`<p class="note">${rest}</p>`}`;
}

/** Findings of one code: what it means and what helps are said once. */
function kind(code: FindingCode, same: readonly Finding[]): Html {
  const meaning = FINDING_CODES[code];
  return html`<h4>${sentence(meaning)} <small>${code}</small></h4>
    <p><strong>What to do:</strong> ${FINDING_REMEDIES[code]}.</p>
    ${dataTable({
      caption: counted(same.length, 'finding'),
      columns: [{ title: 'Object' }, { title: 'Source' }, { title: 'Target' }, { title: 'Reason' }],
      rows: same.map(({ object, source, target, reason }) => [object, asCode(source), asCode(target), reason]),
    })}`;
}

function sentence(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

/** SQL of triggers and views is long: it is shown in its own lines. */
function asCode(text: string): Html | null {
  if (text === '') return null;
  return text.length > 160 || text.includes('\n') ? html`<pre><code>${text}</code></pre>` : html`<code>${text}</code>`;
}
