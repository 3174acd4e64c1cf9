import { open, rename, stat } from 'node:fs/promises';

/** Writes a file so that a reader, or a crash, meets the old or the new content and nothing between. Keeps its mode. */
export async function writeAtomically(file: string, content: string): Promise<void> {
  const part = `${file}.part`;
  const mode = await stat(file).then(
    (status) => status.mode,
    () => 0o644,
  );
  const handle = await open(part, 'w', mode);
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
  await rename(part, file);
}
