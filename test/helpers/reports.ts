import { estimateCutover } from '../../domain/estimate';
import type { Finding } from '../../domain/finding';
import { migrationInputSchema } from '../../domain/input';
import type { ReportData } from '../../domain/report/reportData';
import type { TableResult } from '../../domain/result';
import { risksOf } from '../../domain/risks';

export const TABLES: readonly TableResult[] = [
  table('Order', 2_000_000, 460_000_000),
  table('Customer', 51_234, 9_800_000),
  table('audit_log', 0, 16_384),
];

function table(name: string, rows: number, bytes: number): TableResult {
  const counts = { sourceRows: rows, targetRows: rows, verifiedRows: rows, mismatches: 0 };
  return { name, targetName: name.toLowerCase(), columns: {}, bytes, ...counts };
}

export const FINDINGS: readonly Finding[] = [
  {
    code: 'PLAIN_TEXT_CONNECTION',
    severity: 'warning',
    object: 'shop_mysql',
    source: '',
    target: '',
    reason: 'rows and the password cross the network unencrypted',
  },
  {
    code: 'CASE_INSENSITIVE_KEY',
    severity: 'warning',
    object: 'Customer.email',
    source: 'UNIQUE (Email) utf8mb4_0900_ai_ci',
    target: 'UNIQUE (email)',
    reason: "the source takes 'Ann' and 'ann' for the same, the target does not",
  },
  {
    code: 'OBJECT_NOT_MIGRATED',
    severity: 'warning',
    object: 'Order.order_total',
    source:
      'CREATE TRIGGER order_total\nBEFORE INSERT ON `Order` FOR EACH ROW\n  SET NEW.Total = NEW.Price * NEW.Quantity',
    target: '',
    reason: 'triggers are not moved',
  },
  {
    code: 'TYPE_CHANGED',
    severity: 'info',
    object: 'Customer.Vip',
    source: 'tinyint(1)',
    target: 'boolean',
    reason: 'it holds 0 and 1 only',
  },
];

/** A migration of three tables as each stage reports it, with whatever a test wants different. */
export function reportOf(changes: Partial<ReportData> = {}): ReportData {
  const input = migrationInputSchema.parse({ source: 'shop_mysql', target: 'shop_pg' });
  const summaries = TABLES.map(({ sourceRows, ...rest }) => ({ ...rest, rows: sourceRows }));
  const estimate = estimateCutover(summaries, { verify: input.verify, rowsPerSecond: 0, freeze: 'readOnly' });
  const phase = (name: ReportData['phases'][number]['name'], startedAt: string, durationMs: number) => ({
    name,
    startedAt: `2026-03-04T${startedAt}.000Z`,
    durationMs,
    attempts: 1,
  });
  return {
    stage: 'accepted',
    writtenAt: '2026-03-05T09:00:00.000Z',
    workflowId: 'shop-1',
    runId: '0b0c4c2e-8a52-4a4f-9a3c-0d7e4c9f8a11',
    source: 'shop_mysql',
    target: 'shop_pg',
    sourceVersion: 'MySQL 9.7.0',
    targetVersion: 'PostgreSQL 18.4',
    input: {
      strategy: 'bigBang',
      targetSchema: 'public',
      verify: input.verify,
      approvals: 1,
      approvalTimeout: '7 days',
      freeze: 'readOnly',
      switchSteps: ['write the file /etc/shop/database.json'],
      retentionDays: 90,
    },
    evidence: '3f9a1c0b7d2e',
    tables: TABLES,
    findings: FINDINGS,
    risks: risksOf({ findings: FINDINGS, tables: summaries, estimate, input }),
    estimate,
    trial: null,
    freezeMs: 84_300,
    phases: [
      phase('preflight', '20:00:00', 420),
      phase('assessment', '20:00:01', 9_400),
      phase('plan', '20:00:10', 1_100),
      phase('prepareTarget', '20:00:11', 640),
      phase('awaiting approval', '20:00:12', 3_588_000),
      phase('cutover', '21:00:00', 84_900),
      phase('copy', '21:00:01', 35_200),
      phase('buildTarget', '21:00:36', 6_300),
      phase('verify', '21:00:43', 41_100),
      phase('awaiting acceptance', '21:01:25', 43_000_000),
      { ...phase('retire', '08:59:59', 240), startedAt: '2026-03-05T08:59:59.000Z' },
    ],
    decisions: [
      { kind: 'approve', by: 'Ann', at: '2026-03-04T21:00:00.000Z', comment: 'window agreed with sales' },
      { kind: 'accept', by: 'Bob', at: '2026-03-05T08:59:59.000Z', comment: 'all reports of the morning are right' },
    ],
    copySamples: Array.from({ length: 17 }, (_, index) => ({
      atMs: index * 2_200,
      rows: Math.round(2_051_234 * (1 - (1 - index / 16) ** 1.3)),
    })),
    acceptanceChecks: {
      at: '2026-03-05T08:59:59.100Z',
      checks: [
        { name: 'sourceFrozen', state: 'passed', found: 'the source has been read-only since the freeze' },
        { name: 'verification', state: 'passed', found: 'no row differed in 3 tables' },
        { name: 'sourceRows', state: 'passed', found: '3 tables of the source hold as many rows as were verified' },
        {
          name: 'targetRows',
          state: 'noted',
          found: 'the application works on the target: Order 2,000,000 → 2,000,417',
        },
      ],
    },
    lastFailure: null,
    backup: {
      path: '/srv/reports/shop-1-backup.dump',
      bytes: 5_242_880,
      sha256: '9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08',
      tables: 4,
      rows: 1_200,
    },
    positions: [
      {
        moment: 'plan',
        position: { kind: 'mysqlGtid', server: 's', set: '3e11fa47-71ca-11e1-9e33-c80aa9429562:1-77' },
        at: '2026-03-04T20:00:11.000Z',
      },
    ],
    givingBack: [],
    baseline: [
      { table: 'Order', rows: 2_000_000, columns: { OrderId: { min: '1', max: '2000311' } }, orphans: {} },
      { table: 'Customer', rows: 51_234, columns: { Vip: { min: '0', max: '1' } }, orphans: {} },
      { table: 'audit_log', rows: 0, columns: { At: { zeroDates: 0 } }, orphans: { audit_customer: 3 } },
    ],
    reportPath: '/srv/reports/shop-1.json',
    htmlReportPath: '/srv/reports/shop-1.html',
    ...changes,
  };
}
