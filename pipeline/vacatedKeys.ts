import { createHash } from 'node:crypto';
import type { CascadeRule } from '../domain/cascades';
import type { Cascade, ChangeApplier, KeptRow } from '../engines/engine';
import { keyText } from './keepRow';

/** What a batch's cascades have to do with keys that had an owner before. */
export interface KeyOwners {
  /** Names of the keys whose owner is gone or has another key now, to be kept with the batch. */
  readonly vacated: readonly string[];
  /** Rows that have taken a key over, whatever else they have, by their table's place. */
  readonly heirs: readonly { readonly table: number; readonly row: KeptRow }[];
}

/**
 * Finds the keys that change hands while rows may have been copied later than that. What referred to the later owner was
 * taken along with the earlier one.
 */
export async function keyOwners(
  cascades: readonly Cascade[],
  rules: readonly CascadeRule[],
  applier: Pick<ChangeApplier, 'vacated'>,
): Promise<KeyOwners> {
  const vacated = new Set<string>();
  const takers: { table: number; row: KeptRow; names: readonly string[] }[] = [];
  for (const { table, changes } of cascades) {
    for (const { before, after } of changes) {
      for (const name of namesOf(rules, table, before)) vacated.add(name);
      if (after !== null) takers.push({ table, row: after, names: namesOf(rules, table, after) });
    }
  }
  const earlier = await applier.vacated(takers.flatMap(({ names }) => names));
  const heirs = takers.filter(({ names }) => names.some((name) => vacated.has(name) || earlier.has(name)));
  return { vacated: [...vacated], heirs };
}

/** A name for each way in which others may refer to a row. */
function namesOf(rules: readonly CascadeRule[], table: number, { bytes, cells }: KeptRow): string[] {
  const ways = rules.filter(({ parent }) => parent === table);
  const keys = ways.map(({ referenced }) => `${table}:${referenced.join()}:${keyText(bytes, cells, referenced)}`);
  return [...new Set(keys)].map((key) => createHash('sha256').update(key, 'latin1').digest('base64'));
}
