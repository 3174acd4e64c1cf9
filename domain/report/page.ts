import { pointInTime } from '../format';
import { acceptance } from './acceptance';
import { backup } from './backup';
import { baseline } from './baseline';
import { decisions } from './decisions';
import { estimates } from './estimates';
import { findings } from './findings';
import { html } from './html';
import { leftBehind } from './leftBehind';
import { nextStep } from './nextStep';
import { phases } from './phases';
import type { ReportData, ReportStage } from './reportData';
import { riskMatrix } from './riskMatrix';
import { rowsOverTime } from './rowsOverTime';
import { STYLE } from './style';
import { tables } from './tables';
import { trial } from './trial';
import { verdict } from './verdict';
import { verification } from './verification';
import { wayBack } from './wayBack';

const TITLES: Readonly<Record<ReportStage, string>> = {
  approval: 'awaiting approval',
  acceptance: 'awaiting acceptance',
  accepted: 'accepted',
  rolledBack: 'rolled back',
  rejected: 'rejected',
  aborted: 'aborted',
};

/**
 * The report as one HTML page that needs nothing beside it. Pure; whatever names, comments and definitions hold is shown
 * as text. What comes first depends on whether somebody has to decide, or only wants to know.
 */
export function renderReport(data: ReportData): string {
  const title = `Migration ${data.source} → ${data.target}: ${TITLES[data.stage]}`;
  const sections =
    data.stage === 'approval'
      ? [
          verdict,
          nextStep,
          riskMatrix,
          estimates,
          trial,
          findings,
          tables,
          baseline,
          verification,
          wayBack,
          backup,
          leftBehind,
          decisions,
          phases,
        ]
      : [
          verdict,
          nextStep,
          acceptance,
          decisions,
          tables,
          verification,
          phases,
          rowsOverTime,
          estimates,
          trial,
          wayBack,
          backup,
          leftBehind,
          riskMatrix,
          findings,
          baseline,
        ];
  const page = html`<html lang="en">
    <head>
      <meta charset="utf-8" />
      <meta name="viewport" content="width=device-width, initial-scale=1" />
      <title>${title}</title>
      <style>
        ${STYLE}
      </style>
    </head>
    <body>
      <header>
        <h1>${title}</h1>
        <p class="meta">
          Workflow <code>${data.workflowId}</code>, run <code>${data.runId}</code>. ${data.sourceVersion} to
          ${data.targetVersion}, schema <code>${data.input.targetSchema}</code>, strategy ${data.input.strategy}.
          Written ${pointInTime(data.writtenAt)}.
        </p>
      </header>
      <main>${sections.map((section) => section(data))}</main>
      <footer>
        <p>
          Written by
          temporal-migrate.${data.reportPath === null ? null : html` The same as JSON: <code>${data.reportPath}</code>.`}
          All times are UTC.
        </p>
      </footer>
    </body>
  </html> `;
  return `<!doctype html>\n${page.toString()}`;
}
