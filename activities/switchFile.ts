import { constants } from 'node:fs';
import { access, copyFile, mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { writeAtomically } from './atomicFile';

/**
 * Writes a file so that a reader sees the old or the new content and nothing between, and a crash leaves one of them.
 * What was there before is kept beside it until putBack, under a name of this run's own.
 */
export async function writeSwitch(file: string, content: string, runId: string): Promise<void> {
  await mkdir(path.dirname(file), { recursive: true });
  if (!(await exists(keptAs(file, runId))) && !(await exists(absentAs(file, runId)))) await keep(file, runId);
  await writeAtomically(file, content);
}

/** Undoes writeSwitch; without one, and a second time, it changes nothing. */
export async function putBack(file: string, runId: string): Promise<void> {
  if (await exists(keptAs(file, runId))) await rename(keptAs(file, runId), file);
  else if (await exists(absentAs(file, runId))) {
    await rm(file, { force: true });
    await rm(absentAs(file, runId), { force: true });
  }
}

/** What a person runs on the worker's machine in the place of putBack: it changes nothing either where nothing was kept. */
export function putBackByHand(file: string, runId: string): string {
  const [kept, absent, there] = [keptAs(file, runId), absentAs(file, runId), file].map(shellQuoted);
  return `if [ -e ${kept} ]; then mv ${kept} ${there}; elif [ -e ${absent} ]; then rm -f ${there} ${absent}; fi`;
}

function shellQuoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

async function keep(file: string, runId: string): Promise<void> {
  if (!(await exists(file))) return writeAtomically(absentAs(file, runId), '');
  const copy = `${keptAs(file, runId)}.part`;
  await copyFile(file, copy);
  await rename(copy, keptAs(file, runId));
}

function keptAs(file: string, runId: string): string {
  return `${file}.before-${runId}`;
}

/** Marks that there was no file. */
function absentAs(file: string, runId: string): string {
  return `${file}.absent-before-${runId}`;
}

async function exists(file: string): Promise<boolean> {
  return access(file, constants.F_OK).then(
    () => true,
    () => false,
  );
}
