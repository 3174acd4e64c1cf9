import { setTimeout as wait } from 'node:timers/promises';

const LOOK_MS = 200;
const LIMIT_MS = 150_000;

/** Waits until `look` finds what is waited for, and answers it; null, undefined and false are nothing yet. */
export async function until<T>(
  what: string,
  look: () => T | Promise<T>,
): Promise<Exclude<T, null | undefined | false>> {
  const deadline = Date.now() + LIMIT_MS;
  for (;;) {
    const found = await look();
    if (found !== null && found !== undefined && found !== false) return found as Exclude<T, null | undefined | false>;
    if (Date.now() > deadline) throw new Error(`waited ${LIMIT_MS / 1_000} s in vain until ${what}`);
    await wait(LOOK_MS);
  }
}
