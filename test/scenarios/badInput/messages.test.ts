import { setTimeout as wait } from 'node:timers/promises';
import { Client, Connection, WorkflowUpdateFailedError, type WorkflowHandle } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import type { Progress } from '../../../domain/result';
import { query } from '../../helpers/databases';
import { MigrationStage } from '../../helpers/migrationStage';
import { sharedServers } from '../../helpers/servers';

/** Not the password of anything. */
const PLANTED = 'pl4nted-9f3c';

function nested(depth: number): unknown {
  let value: unknown = 'deep';
  for (let level = 0; level < depth; level += 1) value = { a: value };
  return value;
}

/** Signals that cannot be, by their body or their name, and the reason they are ignored for. */
const SIGNALS: readonly (readonly [signal: string, body: readonly unknown[], reason: string])[] = [
  ['approveCutover', [], 'the input: given nothing, allowed: object'],
  ['approveCutover', [null], 'the input: given null, allowed: object'],
  ['approveCutover', ['ann'], 'the input: given "ann", allowed: object'],
  ['approveCutover', [[{ approver: 'ann' }]], 'allowed: object'],
  ['approveCutover', [{}], 'approver: given nothing, allowed: string'],
  ['approveCutover', [{ approver: '' }], 'approver: given "", allowed: at least 1 characters'],
  ['approveCutover', [{ approver: 7 }], 'approver: given 7, allowed: string'],
  ['approveCutover', [{ approver: 'a'.repeat(201) }], 'allowed: at most 200 characters'],
  ['approveCutover', [{ approver: 'ann', comment: 'c'.repeat(10_001) }], 'comment: given "ccc'],
  ['approveCutover', [{ approver: 'ann', evidence: 7 }], 'evidence: given 7, allowed: string'],
  [
    'approveCutover',
    [{ approver: 'ann', aproved: true }],
    'aproved: unknown key; known here: approver, comment, evidence',
  ],
  ['approveCutover', [{ approver: `mysql://root:${PLANTED}@db/shop` }], 'approver: a URL with a password was given'],
  ['approveCutover', [{ approver: 'ann', comment: `of postgres://u:${PLANTED}@h/d` }], 'change that password'],
  ['approveCutover', [nested(1_000)], 'nested deeper than the allowed 64 levels'],
  ['approveCutover', [{ approver: 'ann', comment: 'x'.repeat(600_000) }], 'larger than 524,288 characters'],
  ['approveCutover', [new Uint8Array([1])], 'given bytes, allowed: JSON'],
  ['rejectCutover', [{ approver: 'ann' }], 'reason: given nothing, allowed: string'],
  ['requestRollback', [{ by: 'ann' }], 'reason: given nothing, allowed: string'],
  ['acceptMigration', [{ by: 'ann' }], 'by: unknown key; known here: approver, comment'],
  ['pause', ['now'], 'the input: given "now", allowed: object'],
  ['resume', [{ apply: 'yes' }], 'apply: given "yes", allowed: boolean'],
  ['throttle', [{}], 'rowsPerSecond: given nothing, allowed: number'],
  ['throttle', [{ rowsPerSecond: -1 }], 'rowsPerSecond: given -1, allowed: at least 0'],
  ['throttle', [{ rowsPerSecond: 1.5 }], 'rowsPerSecond: given 1.5, allowed: int'],
  ['throttle', [{ rowsPerSecond: '100' }], 'rowsPerSecond: given "100", allowed: number'],
  ['aproveCutover', [{ approver: 'ann' }], 'there is no such signal; there are approveCutover'],
  ['x'.repeat(500), [{}], 'there is no such signal'],
];

/** Updates that cannot be, and what their sender is told. */
const UPDATES: readonly (readonly [update: string, body: readonly unknown[], reason: string])[] = [
  ['approve', [], 'the input: given nothing, allowed: object'],
  ['approve', [{ aprover: 'ann' }], 'aprover: unknown key; known here: approver'],
  ['approve', [{ approver: `mysql://root:${PLANTED}@db/shop` }], 'approver: a URL with a password was given'],
  ['approve', [nested(1_000)], 'nested deeper than'],
  ['rollback', [{ by: 'ann' }], 'reason: given nothing, allowed: string'],
  ['retryRejected', [{ by: 'ann', mapping: {} }], 'name at least one of zeroDates'],
];

let stage: MigrationStage;
let connection: Connection;
let handle: WorkflowHandle;
beforeAll(async () => {
  stage = await MigrationStage.open({ load: 'CREATE TABLE items (id INT PRIMARY KEY); INSERT INTO items VALUES (1)' });
  await stage.startWorker();
  connection = await Connection.connect({ address: sharedServers().temporalAddress, connectTimeout: '1 minute' });
  const { workflowId } = await stage.start();
  handle = new Client({ connection }).workflow.getHandle(workflowId);
  await until(({ waitingFor }) => waitingFor === 'approval');
});
afterAll(async () => {
  await connection.close();
  await stage[Symbol.asyncDispose]();
});

async function until(arrived: (progress: Progress) => boolean): Promise<Progress> {
  for (;;) {
    const progress = await handle.query<Progress>('progress');
    if (arrived(progress)) return progress;
    await wait(200);
  }
}

test('signals whose body or name cannot be change nothing and are listed with the reason', async () => {
  for (const [signal, body] of SIGNALS) await handle.signal(signal, ...body);
  const progress = await until(({ ignoredSignals }) => ignoredSignals.length === SIGNALS.length);
  for (const [index, [signal, , reason]] of SIGNALS.entries()) {
    const ignored = progress.ignoredSignals[index];
    expect(signal.startsWith((ignored?.signal ?? '').replace(/\.\.\.$/, ''))).toBe(true);
    expect(ignored?.reason).toContain(reason);
  }
  expect(progress).toMatchObject({ waitingFor: 'approval', decisions: [], throttledTo: 0 });
  const told = JSON.stringify([progress, await handle.query('report')]);
  expect(told).not.toContain(PLANTED);
  expect(told.length).toBeLessThan(50_000);
});

test.each(UPDATES)('the update %s with a body that cannot be is refused: %j', async (update, body, reason) => {
  const refused = await handle
    .executeUpdate<unknown, [unknown]>(update, { args: [...body] as [unknown] })
    .catch((error: unknown) => error);
  expect(refused).toBeInstanceOf(WorkflowUpdateFailedError);
  const { cause } = refused as WorkflowUpdateFailedError;
  expect(cause).toBeInstanceOf(ApplicationFailure);
  expect(cause).toMatchObject({
    type: expect.stringMatching(/^INPUT_(INVALID|HAS_SECRET)$/) as string,
    nonRetryable: true,
  });
  expect(cause?.message).toContain(reason);
  expect(cause?.message).not.toContain(PLANTED);
});

test('afterwards a decision that can be is taken', async () => {
  await handle.executeUpdate('approve', { args: [{ approver: 'ann' }] });
  await until(({ waitingFor }) => waitingFor === 'acceptance');
  await handle.executeUpdate('accept', { args: [{ approver: 'ann' }] });
  expect(await handle.result()).toMatchObject({ outcome: 'accepted' });
  expect(await query(stage.targetUrl, 'SELECT id FROM items')).toEqual([{ id: 1 }]);
});
