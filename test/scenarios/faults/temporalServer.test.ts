import { startTemporal, type TemporalServer } from '../../../scripts/servers';
import { FaultStage } from '../../helpers/faultsStage';
import { until } from '../../helpers/faultsUntil';

describe('a migration goes on from where it stood when its Temporal server is back', () => {
  let temporal: TemporalServer;
  let stage: FaultStage;
  beforeAll(async () => {
    const starting = startTemporal();
    stage = await FaultStage.open({ readOnly: true, temporal: starting });
    temporal = await starting;
  });
  afterAll(async () => stage[Symbol.asyncDispose]());

  test('that was stopped amid a copy, which went on without it', async () => {
    const migration = await stage.migrate({ copy: { rowsPerSecond: 8_000 } });
    await migration.run.approve();
    await migration.untilAmidChunks();
    await temporal.stop();
    const copied = await migration.copiedRows();
    await until('rows are copied without Temporal', async () => (await migration.copiedRows()) > copied);
    await temporal.start();
    const result = await migration.fromApprovalToTheEnd();
    expect(result.phases.find(({ name }) => name === 'cutover')?.attempts).toBe(1);
  });

  test('that was killed amid a copy, whose lanes ended and had nobody to tell', async () => {
    const migration = await stage.migrate({ copy: { rowsPerSecond: 8_000 } });
    await migration.run.approve();
    await migration.untilAmidChunks();
    await temporal.kill();
    await until('every lane has ended', async () => (await migration.lanes()).length === 0);
    await temporal.start();
    const result = await migration.fromApprovalToTheEnd();
    expect(result.phases.find(({ name }) => name === 'cutover')?.attempts).toBe(1);
  });
});
