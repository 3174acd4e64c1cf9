import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { chaosRun } from '../../../scripts/chaos/run';
import { compiledEntry } from '../../helpers/compiled';

/** The short form of `npm run chaos`: one seed of each flavour and each ending, with faults in its first seconds. */
test.each([1, 2])(
  'nothing is lost, doubled or asked of a person while anything dies at any moment (seed %i)',
  async (seed) => {
    await compiledEntry('workers/main');
    const failures = await mkdtemp(join(tmpdir(), 'temporal-migrate-chaos-failures-'));
    try {
      const run = await chaosRun({
        seed,
        failures,
        changesPerSecond: 800,
        changesAfter: 2_000,
        copyRowsPerSecond: 0,
        faultsMs: 12_000,
      });
      expect({ problems: run.problems, manualSteps: run.manualSteps }).toEqual({ problems: [], manualSteps: [] });
      expect(Object.values(run.faults).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(0);
    } finally {
      await rm(failures, { recursive: true, force: true });
    }
  },
);
