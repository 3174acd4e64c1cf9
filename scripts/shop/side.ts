import { readFile } from 'node:fs/promises';
import { z } from 'zod';

/** Which of the two databases the application is to use. */
export type Side = 'source' | 'target';

/** A JSON file such as `{"shop": "source"}`, which a migration's `file` switch rewrites, and the key to read in it. */
export interface SidePointer {
  readonly path: string;
  readonly name: string;
}

const sides = z.record(z.string(), z.enum(['source', 'target']));

export async function readSide({ path, name }: SidePointer): Promise<Side> {
  const side = sides.parse(JSON.parse(await readFile(path, 'utf8')))[name];
  if (side === undefined) throw new Error(`${path} does not say where ${name} is`);
  return side;
}
