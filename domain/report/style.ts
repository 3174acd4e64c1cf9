import { html as css } from './html';

/** Dark on white; one column on a phone; sections stay whole on paper where they can. */
export const STYLE = css`
  :root {
    --ink: #1a1a1a;
    --soft: #595959;
    --line: #c8c8c8;
    --accent: #14507a;
    --good: #1b6e37;
    --bad: #a11b1b;
    --wait: #7a5200;
  }
  * {
    box-sizing: border-box;
  }
  body {
    margin: 0 auto;
    max-width: 62rem;
    padding: 1.5rem 1.25rem 3rem;
    color: var(--ink);
    background: #fff;
    font-family: system-ui, sans-serif;
    line-height: 1.5;
    overflow-wrap: break-word;
  }
  h1 {
    font-size: 1.7rem;
    line-height: 1.2;
    margin: 0 0 0.25rem;
  }
  h2 {
    font-size: 1.25rem;
    margin: 2.2rem 0 0.6rem;
    padding-bottom: 0.2rem;
    border-bottom: 1px solid var(--line);
  }
  h3 {
    font-size: 1.05rem;
    margin: 1.2rem 0 0.4rem;
  }
  h4 {
    font-size: 1rem;
    margin: 1.1rem 0 0.2rem;
  }
  p,
  ul,
  ol {
    margin: 0.5rem 0;
  }
  li {
    margin: 0.3rem 0;
  }
  a {
    color: var(--accent);
  }
  .meta,
  .note,
  small,
  figcaption,
  caption {
    color: var(--soft);
  }
  .note {
    font-size: 0.9rem;
  }
  .verdict {
    border-left: 0.4rem solid var(--wait);
    padding: 0.4rem 1rem;
    margin: 1.2rem 0;
    background: #f6f6f6;
  }
  .verdict h2 {
    border: 0;
    margin: 0;
    font-size: 1rem;
    color: var(--soft);
  }
  .verdict p {
    font-size: 1.2rem;
    margin: 0.2rem 0;
  }
  .verdict.good {
    border-color: var(--good);
  }
  .verdict.bad {
    border-color: var(--bad);
  }
  .figures {
    display: grid;
    grid-template-columns: repeat(auto-fit, minmax(13.5rem, 1fr));
    gap: 0.6rem;
    margin: 1rem 0;
  }
  .figures div {
    border: 1px solid var(--line);
    border-radius: 0.3rem;
    padding: 0.5rem 0.7rem;
  }
  .figures dt {
    font-size: 0.85rem;
    color: var(--soft);
  }
  .figures dd {
    margin: 0;
    font-weight: 600;
  }
  .alert {
    border: 1px solid var(--bad);
    border-radius: 0.3rem;
    padding: 0.6rem 0.8rem;
    white-space: pre-line;
  }
  .scroll {
    overflow-x: auto;
    margin: 0.6rem 0;
  }
  table {
    border-collapse: collapse;
    width: 100%;
    font-size: 0.92rem;
  }
  caption {
    text-align: left;
    padding: 0.2rem 0;
    font-size: 0.9rem;
  }
  th,
  td {
    text-align: left;
    vertical-align: top;
    padding: 0.35rem 0.6rem;
    border-bottom: 1px solid var(--line);
  }
  thead th {
    border-bottom: 2px solid var(--ink);
    white-space: nowrap;
  }
  time {
    white-space: nowrap;
  }
  tbody th {
    font-weight: 600;
  }
  .number {
    text-align: right;
    font-variant-numeric: tabular-nums;
    white-space: nowrap;
  }
  .inner {
    padding-left: 1.2rem;
    font-weight: 400;
  }
  td pre {
    min-width: 14rem;
    max-width: 28rem;
    max-height: 14rem;
    margin: 0;
  }
  code {
    font:
      0.88em/1.4 ui-monospace,
      'SF Mono',
      Menlo,
      Consolas,
      monospace;
  }
  pre {
    margin: 0.4rem 0;
    padding: 0.6rem 0.8rem;
    background: #f3f3f3;
    border: 1px solid var(--line);
    border-radius: 0.3rem;
    overflow: auto;
    white-space: pre-wrap;
    overflow-wrap: anywhere;
  }
  .bar {
    display: block;
    width: 9rem;
    height: 0.8rem;
    margin-top: 0.35rem;
  }
  .bar rect {
    fill: var(--accent);
  }
  figure {
    margin: 0.6rem 0;
  }
  .plot {
    width: 100%;
    height: auto;
    font-size: 12px;
  }
  .plot text {
    fill: var(--soft);
  }
  .plot .grid {
    stroke: #e2e2e2;
  }
  .plot .line {
    fill: none;
    stroke: var(--accent);
    stroke-width: 2;
  }
  .plot circle {
    fill: var(--accent);
  }
  .matrix {
    max-width: 34rem;
    text-align: center;
  }
  .matrix td {
    text-align: center;
    border: 1px solid var(--line);
    font-weight: 600;
    height: 2.4rem;
    min-width: 6rem;
  }
  .heat0,
  .heat1 {
    background: #eef6ee;
  }
  .heat2 {
    background: #fdf6dc;
  }
  .heat3 {
    background: #fbe3cf;
  }
  .heat4 {
    background: #f6cccc;
  }
  strong.bad,
  .failed {
    color: var(--bad);
    font-weight: 700;
  }
  .passed {
    color: var(--good);
    font-weight: 600;
  }
  footer {
    margin-top: 2.5rem;
    border-top: 1px solid var(--line);
    font-size: 0.9rem;
    color: var(--soft);
  }
  @media (max-width: 40rem) {
    body {
      padding: 1rem 0.8rem 2rem;
    }
    h1 {
      font-size: 1.35rem;
    }
    .verdict p {
      font-size: 1.05rem;
    }
    .figures {
      grid-template-columns: 1fr 1fr;
    }
    th,
    td {
      padding: 0.3rem 0.4rem;
    }
  }
  @media print {
    body {
      max-width: none;
      padding: 0;
      font-size: 10pt;
    }
    .scroll {
      overflow: visible;
    }
    pre,
    td pre {
      max-height: none;
    }
    tr,
    figure,
    .verdict,
    .figures div {
      break-inside: avoid;
    }
    h2,
    h3,
    caption {
      break-after: avoid;
    }
    thead {
      display: table-header-group;
    }
    .verdict,
    .matrix td,
    pre {
      print-color-adjust: exact;
      -webkit-print-color-adjust: exact;
    }
  }
`;
