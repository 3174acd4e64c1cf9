import * as fc from 'fast-check';
import { FINDING_CODES, type FindingCode } from '../../domain/finding';
import { escapeText } from '../../domain/report/html';
import { renderReport } from '../../domain/report/page';
import type { ReportData, ReportStage } from '../../domain/report/reportData';
import { describeSwitch } from '../../domain/report/switchSteps';
import { verdictSentence } from '../../domain/report/verdict';
import { elementsOf, textOfPage } from '../helpers/markup';
import { FINDINGS, reportOf, TABLES } from '../helpers/reports';

const STAGES: readonly ReportStage[] = ['approval', 'acceptance', 'accepted', 'rolledBack', 'rejected', 'aborted'];

/** Text that ends tags, attributes, comments and entities, or that no document may hold; and any other. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string({
    unit: fc.constantFrom('<', '>', '&', '"', "'", '/', '\u0000', '\ud800', '-', 'script', ';', '$&', '\n'),
  }),
  fc.constantFrom('<script>alert(1)</script>', '</title><img src="x" onerror="alert(1)"/>', '&lt;', ']]>', '--><b>'),
);

/** A report in which every text that comes from outside is the one given. */
function withText(text: string, stage: ReportStage): ReportData {
  const codes = Object.keys(FINDING_CODES) as FindingCode[];
  return reportOf({
    stage,
    workflowId: text,
    runId: text,
    source: text,
    target: text,
    sourceVersion: text,
    targetVersion: text,
    evidence: text,
    lastFailure: text,
    keptSchema: text,
    reportPath: text,
    input: { ...reportOf().input, targetSchema: text, switchSteps: [text] },
    tables: [{ ...TABLES[0]!, name: text, targetName: text, columns: { [text]: text }, mismatches: 1 }],
    findings: codes.map((code) => ({ ...FINDINGS[0]!, code, object: text, source: text, target: text, reason: text })),
    risks: [{ what: text, likelihood: 'low', impact: 'high', remedy: text }],
    decisions: (['approve', 'accept', 'rollback', 'reject'] as const).map((kind) => ({
      kind,
      by: text,
      at: '2026-03-04T21:00:00.000Z',
      comment: text,
    })),
    acceptanceChecks: {
      at: '2026-03-04T21:00:00.000Z',
      checks: [{ name: 'sourceRows', state: 'failed', found: text }],
    },
    givingBack: [text],
    baseline: [{ table: text, rows: 1, columns: { [text]: { min: text, max: text } }, orphans: { [text]: 2 } }],
  });
}

test('whatever a name, comment or definition holds is shown as text: it makes no element and no attribute', () => {
  const shape = (stage: ReportStage): string =>
    JSON.stringify(
      elementsOf(renderReport(withText('x', stage))).map(({ name, attributes }) => [name, Object.keys(attributes)]),
    );
  const shapes = new Map(STAGES.map((stage) => [stage, shape(stage)]));
  fc.assert(
    fc.property(hostile, fc.constantFrom(...STAGES), (text, stage) => {
      const short = text.replace(/\s/g, ' ').slice(0, 50);
      const elements = elementsOf(renderReport(withText(short, stage)));
      // An empty text leaves out the element that would show it.
      if (short !== '') {
        expect(JSON.stringify(elements.map(({ name, attributes }) => [name, Object.keys(attributes)]))).toBe(
          shapes.get(stage),
        );
      }
    }),
  );
});

test('a reader sees the text that was given, unchanged but for what no document may hold', () => {
  const read = (markup: string): string => textOfPage(`<p>${markup}</p>`).trim();
  fc.assert(
    fc.property(hostile, (text) => {
      const shown = read(escapeText(text));
      expect(shown).toBe(
        Array.from(text)
          .map((character) =>
            /^[\p{Cs}\p{Cc}\ufffe\uffff]$/u.test(character) && !/[\t\n\r]/.test(character) ? '\ufffd' : character,
          )
          .join('')
          .trim(),
      );
    }),
  );
  expect(textOfPage(renderReport(withText('<script>alert(1)</script>', 'accepted')))).toContain(
    '<script>alert(1)</script>',
  );
});

test.each(STAGES)(
  '%s: one page that is well-formed, needs nothing from elsewhere, and is readable on a phone',
  (stage) => {
    const page = renderReport(reportOf({ stage }));
    const elements = elementsOf(page);
    expect(page.startsWith('<!doctype html>\n<html lang="en">')).toBe(true);
    expect(elements.filter(({ name }) => ['script', 'link', 'img', 'iframe', 'object'].includes(name))).toEqual([]);
    expect(
      elements.filter(
        ({ attributes: { href, src } }) => src !== undefined || (href !== undefined && !href.startsWith('#')),
      ),
    ).toEqual([]);
    expect(page).not.toMatch(/url\(|@import/);
    expect(elements.find(({ attributes }) => attributes['name'] === 'viewport')?.attributes['content']).toMatch(
      /width=device-width/,
    );
    const anchors = elements.flatMap(({ attributes: { href } }) => href?.slice(1) ?? []);
    expect(elements.map(({ attributes: { id } }) => id)).toEqual(expect.arrayContaining(anchors));
  },
);

test.each(STAGES)('%s: every table has a caption, and headers that say what they head', (stage) => {
  const elements = elementsOf(renderReport(reportOf({ stage })));
  const tables = elements.filter(({ name }) => name === 'table');
  expect(tables.length).toBeGreaterThan(4);
  expect(elements.filter(({ name }) => name === 'caption')).toHaveLength(tables.length);
  expect(elements.filter(({ name, attributes }) => name === 'th' && attributes['scope'] === undefined)).toEqual([]);
});

test('the first sentence has the outcome, the rows, the mismatches, the write pause and who signed', () => {
  expect(verdictSentence(reportOf())).toBe(
    'The migration of 2,051,234 rows in 3 tables from shop_mysql to shop_pg is done and was accepted by Bob on 2026-03-05 08:59:59 UTC; ' +
      '2,051,234 rows were compared in every column, and no row differs. The write pause lasted 1 min 24 s.',
  );
  const different = TABLES.map((table) => ({ ...table, mismatches: 1 }));
  expect(verdictSentence(reportOf({ tables: different }))).toContain('3 rows differ');
  const found = 'orders 3 → 4';
  const acceptanceChecks = {
    at: '2026-03-05T08:59:59Z',
    checks: [{ name: 'sourceRows', state: 'failed', found }],
  } as const;
  expect(verdictSentence(reportOf({ acceptanceChecks }))).toContain('1 of them does not hold');
  expect(verdictSentence(reportOf({ stage: 'aborted' }))).toContain('Nobody approved the cutover within 7 days');
});

test.each([
  ['approval', ['approveCutover', 'rejectCutover', 'workflow cancel', '3f9a1c0b7d2e']],
  ['acceptance', ['acceptMigration', 'requestRollback']],
  ['accepted', ['SET GLOBAL super_read_only = OFF', 'until 2026-06-03']],
  ['rolledBack', ['carry over by hand']],
] as const)('%s: the page says what to type and what stays', (stage, told) => {
  const keptSchema = 'public_rolled_back_1';
  const text = textOfPage(renderReport(reportOf({ stage, keptSchema }))).replace(/\s+/g, ' ');
  for (const words of told) expect(text).toContain(words);
  expect(text).not.toContain('undefined');
});

test('after a cutover that was sent back, the page for the next approval says why', () => {
  const lastFailure = 'FREEZE_OVERDUE: the cutover did not end within 60 s';
  expect(textOfPage(renderReport(reportOf({ stage: 'approval', lastFailure })))).toContain(lastFailure);
});

test('a workflow id that a shell would take apart is quoted in the commands', () => {
  const text = textOfPage(renderReport(reportOf({ stage: 'acceptance', workflowId: "it's; rm -rf" })));
  expect(text).toContain(`--workflow-id 'it'\\''s; rm -rf' --name acceptMigration`);
});

test('a switch step is told without what its call carries', () => {
  const call = {
    kind: 'http',
    url: 'https://lb.example:8080/path?key=1',
    method: 'POST',
    body: { a: 'carried' },
  } as const;
  expect(describeSwitch(call)).toBe('POST to lb.example:8080, which a rollback does not undo');
});

test('ten thousand tables are a page of a thousand, those with mismatches first, and a word on the rest', () => {
  const tables = Array.from({ length: 10_000 }, (_, index) => ({
    ...TABLES[0]!,
    name: `t${index}`,
    mismatches: index === 9_999 ? 1 : 0,
  }));
  const text = textOfPage(renderReport(reportOf({ tables })));
  expect(text).toContain('t9999');
  expect(text).toContain('9,000 more tables are not listed here: all of them are in /srv/reports/shop-1.json');
});

test('who accepts a migration that froze by accounts reads how to give them back what was taken', () => {
  const input = { ...reportOf().input, freeze: 'accounts' } as const;
  const givingBack = ['GRANT INSERT ON `shop`.* TO `app`@`%`', "ALTER USER IF EXISTS 'root'@'%' ACCOUNT UNLOCK"];
  const page = textOfPage(renderReport(reportOf({ stage: 'accepted', input, givingBack })));
  expect(page).toContain('with accounts that cannot write to it: to be kept');
  for (const statement of givingBack) expect(page).toContain(`${statement};`);
});
