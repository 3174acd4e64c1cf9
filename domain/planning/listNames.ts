const SHOWN = 20;

/** Names for an error message, shortened when there are many. */
export function listNames(named: readonly { readonly name: string }[]): string {
  const shown = named.slice(0, SHOWN).map(({ name }) => name);
  if (named.length > SHOWN) shown.push(`… ${named.length - SHOWN} more`);
  return shown.join(', ') || 'none';
}
