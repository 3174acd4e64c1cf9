import { html, type Html } from './html';
import type { ReportData } from './reportData';

/** What to type, in a form that can be pasted into a shell. */
export function commands(...lines: readonly string[]): Html {
  return html`<pre><code>${lines.join('\n')}</code></pre> `;
}

/** A signal to this migration by the Temporal CLI. */
export function signalCommand({ workflowId }: Pick<ReportData, 'workflowId'>, name: string, body: object): string {
  return `temporal workflow signal --workflow-id ${quoted(workflowId)} --name ${name} --input ${quoted(JSON.stringify(body))}`;
}

/** One word of a POSIX shell; plain ones stay as they are. */
export function quoted(word: string): string {
  return /^[\w.:/@%+-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
