import { NUMBERS } from './corpusNumbers';
import { OTHERS } from './corpusOthers';
import { TEXT_LIKE } from './corpusTexts';
import type { Value } from './literals';
import type { Flavour } from './pair';

/** A type of the source, values of it on both sides, and what is not the same value on the target. */
export interface TypeCorpus {
  readonly name: string;
  readonly type: string;
  /** Servers that have the type, where not both do. */
  readonly only?: Flavour;
  readonly values: readonly Value[];
  /** By the place of a value: expressions of the target that differ from it as little as can be. */
  readonly damages: Readonly<Record<number, readonly string[]>>;
  /** Places of values that are the same by meaning only; all others give the same hash on both sides, which is quicker. */
  readonly byMeaning?: readonly number[];
}

export const CORPUS: readonly TypeCorpus[] = [...NUMBERS, ...TEXT_LIKE, ...OTHERS];
