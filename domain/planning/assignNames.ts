import { MigrationError } from '../errors';
import type { Finding } from '../finding';
import { byteLength, type NameRules, type Namespace } from './identifiers';

/** How names are chosen: the target's rules, and whether names are folded at all. */
export interface Naming {
  readonly rules: NameRules;
  readonly fold: (name: string) => string;
}

/** Something of the source that needs a name on the target. */
export interface Nameable<T> {
  readonly item: T;
  /** How findings call it. */
  readonly object: string;
  /** The name the input asks for, if it does, and where. */
  readonly requested: string | null;
  readonly path: string;
}

interface Kind {
  readonly what: 'table' | 'column';
  /** Names that nothing of this kind can have. */
  readonly refused: ReadonlySet<string>;
}

/**
 * Names tables or columns: what the input asks for comes first, then the names that need no folding, then the others,
 * each in the order of their names, so that the same source always gets the same names. Errors: MAPPING_INVALID for a
 * name asked for that is too long, impossible, or asked for twice.
 */
export function assignNames<T extends { readonly name: string }>(
  nameables: readonly Nameable<T>[],
  namespace: Namespace,
  naming: Naming,
  kind: Kind,
): { names: ReadonlyMap<T, string>; findings: Finding[] } {
  const names = new Map<T, string>();
  for (const { item, requested, path } of nameables) {
    if (requested === null) continue;
    checkRequested(requested, path, namespace, naming, kind);
    namespace.reserve(requested);
    names.set(item, requested);
  }
  const others = nameables.filter(({ requested }) => requested === null).sort(byNeedOfFolding(naming));
  for (const { item } of others) names.set(item, namespace.claim(naming.fold(item.name)));
  const findings = nameables.flatMap((nameable) => {
    const finding = describeName(nameable, names.get(nameable.item) ?? '', naming, kind);
    return finding ? [finding] : [];
  });
  return { names, findings };
}

function byNeedOfFolding({ fold }: Naming) {
  return (a: Nameable<{ readonly name: string }>, b: Nameable<{ readonly name: string }>): number => {
    const folded = ({ item: { name } }: typeof a) => Number(fold(name) !== name);
    return folded(a) - folded(b) || (a.item.name < b.item.name ? -1 : 1);
  };
}

function checkRequested(name: string, path: string, namespace: Namespace, { rules }: Naming, kind: Kind): void {
  const refuse = (why: string) => new MigrationError('MAPPING_INVALID', `${path}: "${name}" ${why}`);
  if (byteLength(name) > rules.maxBytes) throw refuse(`is longer than the ${rules.maxBytes} bytes the target allows`);
  if (name.includes('\0')) throw refuse('holds the character NUL');
  if (kind.refused.has(name)) throw refuse('is a name the target keeps for itself');
  if (namespace.has(name)) throw refuse(`is asked for another ${kind.what} too`);
}

function describeName(
  { item, object, requested, path }: Nameable<{ readonly name: string }>,
  target: string,
  { rules, fold }: Naming,
  kind: Kind,
): Finding | null {
  const folded = fold(item.name);
  const finding = (code: Finding['code'], severity: Finding['severity'], reason: string): Finding => ({
    code,
    severity,
    object,
    source: item.name,
    target,
    reason,
  });
  if (target === folded) {
    if (!rules.reservedWords.has(target)) return null;
    return finding('NAME_RESERVED', 'info', `a reserved word of the target: SQL must write the ${kind.what} in quotes`);
  }
  if (requested !== null) return finding('NAME_CHANGED', 'info', `${path} asks for it`);
  if (kind.refused.has(folded)) {
    return finding('NAME_CHANGED', 'warning', 'the target keeps this name for itself');
  }
  if (folded.startsWith(target)) {
    return finding('NAME_CHANGED', 'warning', `names on the target have at most ${rules.maxBytes} bytes`);
  }
  return finding('NAME_CLASH', 'warning', `another ${kind.what} has the name ${folded} on the target`);
}
