import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MigrationError } from '../domain/errors';

/** A folder of orders, which only fault tests give. */
const folder = process.env['MIGRATION_FAULT_FOLDER'];
const LOOK_MS = 50;

/**
 * Does what the file `<moment>.<activity>` of the folder orders, where there is one: `hold` waits until the file is
 * gone (`<file>.met` tells that somebody does), `fail` fails the activity for good, `kill` ends the process, once. An activity that hears of its cancellation is
 * not held any longer.
 */
export async function faultOrder(moment: 'begun' | 'done', activityType: string, signal: AbortSignal): Promise<void> {
  if (folder === undefined) return;
  const file = join(folder, `${moment}.${activityType}`);
  for (let order = await read(file); order !== null; order = await read(file)) {
    if (order === 'fail') throw new MigrationError('INTERNAL', `a test lets ${activityType} fail`);
    if (order === 'kill') {
      await rm(file);
      process.kill(process.pid, 'SIGKILL');
    }
    await writeFile(`${file}.met`, '');
    signal.throwIfAborted();
    await delay(LOOK_MS);
  }
}

async function read(file: string): Promise<string | null> {
  return readFile(file, 'utf8').catch(() => null);
}
