import { readFileSync, rmSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { commandLine, familyOf, isAlive, killAll } from './processes';

const PREFIX = 'temporal-migrate-server-';
const RECORD = 'owner.json';

/** Beside the server's data: whose the folder is, and the process of the server that runs on it. */
const Owner = z.object({ owner: z.number(), server: z.number().optional() });

const mine = new Set<string>();

/** A new folder for a server; those that processes which are gone left behind go first, and their servers with them. */
export async function makeServerFolder(kind: string): Promise<string> {
  await deleteAbandoned();
  const folder = await mkdtemp(join(tmpdir(), `${PREFIX}${kind}-`));
  await writeFile(join(folder, RECORD), JSON.stringify({ owner: process.pid }));
  return folder;
}

/** Remembers a server's process, so that it can be found when this process ends without ending it. */
export async function recordServer(folder: string, server: number): Promise<void> {
  await writeFile(join(folder, RECORD), JSON.stringify({ owner: process.pid, server }));
}

/** Ends whatever runs on the folder, and deletes it, when this process exits. */
export function deleteAtExit(folder: string): void {
  if (mine.size === 0) process.once('exit', deleteMine);
  mine.add(folder);
}

/** The folder is gone already. */
export function forget(folder: string): void {
  mine.delete(folder);
  if (mine.size === 0) process.removeListener('exit', deleteMine);
}

function deleteMine(): void {
  for (const folder of mine) {
    endServerOf(folder, Owner.parse(JSON.parse(readFileSync(join(folder, RECORD), 'utf8'))).server);
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function deleteAbandoned(): Promise<void> {
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = join(tmpdir(), name);
    const text = await readFile(join(folder, RECORD), 'utf8').catch(() => undefined);
    if (text === undefined || text === '') continue; // It is just being made, or somebody else's.
    const { owner, server } = Owner.parse(JSON.parse(text));
    if (isAlive(owner)) continue;
    endServerOf(folder, server);
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** A process id may have gone to another program by now: it is ended only when its command line names the folder. */
function endServerOf(folder: string, server: number | undefined): void {
  if (server === undefined || !commandLine(server).includes(folder)) return;
  killAll(familyOf(server));
}
