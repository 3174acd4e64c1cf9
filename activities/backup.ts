import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { BackupWork, RunReference } from '../domain/activityMessages';
import type { BackupResult } from '../domain/result';
import { faultPoint } from '../pipeline/faultPoint';
import { activity } from './activity';
import { BackupFile } from './backupFile';
import { withTarget } from './engines';
import type { WorkerEnvironment } from './environment';
import { reportFile } from './reportFile';

/** Backs up a target that is not empty, before anything is made there. */
export function backupActivities(environment: WorkerEnvironment) {
  return {
    /** Null when there is nothing to back up. An attempt that was cut off leaves nothing that a later one does not remove. */
    backupTarget: activity(async (self, { run, epoch }: BackupWork): Promise<BackupResult | null> =>
      withTarget(environment, run, async ({ backup }) => {
        const contents = (await backup?.contents()) ?? null;
        if (backup === undefined || contents === null) return null;
        const file = backupFile(environment, run);
        await mkdir(path.dirname(file.path), { recursive: true });
        const work = { runId: run.runId, epoch, lane: 'backup' };
        await using lane = await backup.open(work, environment.backupPrograms, self.signal);
        await file.remove();
        await file.requireRoom(contents.bytes);
        let [step, bytes, tables] = ['dumping', 0, 0];
        const show = (): void => self.show({ step, bytes, ofAtMost: contents.bytes, tablesCounted: tables });
        const onTable = (): void => {
          tables += 1;
          show();
        };
        try {
          await lane.dump(
            (archive) =>
              file.write(archive, (written) => {
                bytes = written;
                show();
                faultPoint('backup.dumping');
              }),
            onTable,
          );
          [step, tables] = ['restoring', 0];
          const tested = await lane.test(
            (archive) =>
              file.read(archive, (read) => {
                bytes = read;
                show();
                faultPoint('backup.restoring');
              }),
            onTable,
          );
          faultPoint('backup.tested');
          await lane.confirm();
          await file.complete();
          const { path: at, sha256 } = file;
          return { path: at, bytes: file.bytes, sha256, ...tested };
        } finally {
          await file.removePart();
        }
      }),
    ),
    clearBackup: activity(
      async (_self, run: RunReference): Promise<void> =>
        withTarget(environment, run, async ({ control, backup }) => {
          await control.raiseEpoch(run.runId);
          await backup?.clear(run);
          await backupFile(environment, run).removePart();
        }),
      { persistent: true },
    ),
  };
}

/** Beside the run's reports. */
function backupFile(environment: WorkerEnvironment, run: RunReference): BackupFile {
  return new BackupFile(`${reportFile(environment, run)}-backup.dump`);
}
