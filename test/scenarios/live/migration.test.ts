import { execute } from '../../helpers/databases';
import { ledgerOf, LIVE_TABLES, LiveWriters } from '../../helpers/liveWriters';
import { MigrationStage } from '../../helpers/migrationStage';

describe.each(['mysql', 'mariadb'] as const)('a %s shop moves while it is written to', (flavour) => {
  let stage: MigrationStage;
  let writers: LiveWriters | null = null;
  beforeAll(async () => {
    stage = await MigrationStage.open({ flavour, load: LIVE_TABLES });
    await stage.startWorker();
  });
  afterAll(async () => {
    await writers?.stop().catch(() => undefined);
    await stage[Symbol.asyncDispose]();
  });

  test('every acknowledged write is on the target, and the write pause is short', async () => {
    writers = await LiveWriters.start(await stage.applicationUrl(), 8, 1, 100_000);
    const run = await stage.start({ strategy: 'live' });
    await run.until(({ waitingFor }) => waitingFor === 'approval');
    await run.approve();
    await run.until(({ waitingFor }) => waitingFor === 'acceptance');
    const refused = writers.refused;
    await writers.stop();
    const ledger = writers.ledger();
    expect(refused).toBeGreaterThan(0);
    expect(await ledgerOf(stage.targetUrl)).toEqual(ledger);
    writers = null;
    const result = await run.accept();
    expect(result.outcome).toBe('accepted');
    expect(result.tables.map(({ mismatches }) => mismatches)).toEqual([0, 0, 0, 0]);
  });
});

test('a schema change of a table stops the stream, is shown, and is followed as proposed', async () => {
  await using stage = await MigrationStage.open({ load: LIVE_TABLES });
  await stage.startWorker();
  const writers = await LiveWriters.start(await stage.applicationUrl(), 2, 11, 100_000);
  try {
    const run = await stage.start({ strategy: 'live', trial: { percent: 0 } });
    const asked = await run.until(({ waitingFor }) => waitingFor === 'approval');
    await execute(stage.sourceUrl, 'ALTER TABLE hint ADD COLUMN remark VARCHAR(20) DEFAULT NULL');
    const stopped = await run.until(({ waitingFor }) => waitingFor === 'ddlDecision');
    expect(stopped.schemaProposal).toMatchObject({ tables: ['hint'], reason: '' });
    expect(stopped.schemaProposal?.statements?.join()).toMatch(/ADD COLUMN "remark"/u);
    await expect(
      stage.cli.update(run.workflowId, 'approve', { approver: 'ann', evidence: asked.evidence }),
    ).rejects.toThrow(/schema must be decided first/u);
    await run.signal('resume', { by: 'ann', apply: true });
    const again = await run.until(
      ({ waitingFor, evidence }) => waitingFor === 'approval' && evidence !== asked.evidence,
    );
    await execute(stage.sourceUrl, "UPDATE hint SET remark = 'behind it'");
    await run.signal('approveCutover', { approver: 'ann', evidence: again.evidence });
    await run.until(({ waitingFor }) => waitingFor === 'acceptance');
    await writers.stop();
    expect(await ledgerOf(stage.targetUrl)).toEqual(writers.ledger());
    const result = await run.accept();
    expect(result.tables.map(({ mismatches }) => mismatches)).toEqual([0, 0, 0, 0]);
    expect(result.decisions.map(({ kind }) => kind)).toEqual(['resume', 'approve', 'accept']);
  } finally {
    await writers.stop();
  }
});
