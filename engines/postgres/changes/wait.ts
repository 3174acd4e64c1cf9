/** Something that must be waited for before the log goes on; null when nothing must. */
export type Wait = Promise<void> | null;
