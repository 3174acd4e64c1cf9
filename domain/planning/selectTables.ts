import type { Catalog, Table } from '../catalog';
import { MigrationError } from '../errors';
import type { Finding } from '../finding';
import type { TableFilter } from '../mapping';
import { listNames } from './listNames';

/**
 * The tables to move: those that match a pattern of `include` and none of `exclude`. `*` stands for any characters,
 * `?` for one. Errors: NO_TABLES.
 */
export function selectTables(catalog: Catalog, filter: TableFilter): Table[] {
  const included = filter.include.map(matcherOf);
  const excluded = filter.exclude.map(matcherOf);
  const tables = catalog.tables.filter(
    ({ name }) => included.some((matches) => matches(name)) && !excluded.some((matches) => matches(name)),
  );
  if (tables.length === 0) {
    throw new MigrationError(
      'NO_TABLES',
      `tables.include ${listPatterns(filter.include)} and tables.exclude ${listPatterns(filter.exclude)} leave ` +
        `none of the source's tables (${listNames(catalog.tables)}); mend the patterns`,
    );
  }
  return tables;
}

/**
 * A finding for each pattern that matches no table at all: most often a name mistyped. What was to be moved and is not
 * there stops the run; what was to be left out is only told.
 */
export function findUnusedPatterns(catalog: Catalog, filter: TableFilter): Finding[] {
  return (['include', 'exclude'] as const).flatMap((list) =>
    filter[list].flatMap((pattern, position): Finding[] => {
      const matches = matcherOf(pattern);
      if (pattern === '*' || catalog.tables.some(({ name }) => matches(name))) return [];
      return [
        {
          code: 'INPUT_WITHOUT_EFFECT',
          severity: list === 'include' ? 'blocking' : 'warning',
          object: `tables.${list}[${position}]`,
          source: pattern,
          target: '',
          reason: `no table of the source has a name like ${JSON.stringify(cut(pattern))}; there are: ${listNames(catalog.tables)}`,
        },
      ];
    }),
  );
}

/**
 * Tells whether a name is like a pattern. It goes back to the last `*` alone, and so takes at most the product of both
 * lengths: as a regular expression a pattern of many `*` could keep a worker busy for ever.
 */
function matcherOf(pattern: string): (name: string) => boolean {
  if (!/[*?]/u.test(pattern)) return (name) => name === pattern;
  const wanted = Array.from(pattern);
  return (name) => isLike(Array.from(name), wanted);
}

function isLike(given: readonly string[], wanted: readonly string[]): boolean {
  let [at, star, resumeAt] = [0, -1, 0];
  for (let here = 0; here < given.length;) {
    if (wanted[at] === '*') {
      [star, resumeAt] = [at, here];
      at += 1;
    } else if (wanted[at] === '?' || (at < wanted.length && wanted[at] === given[here])) {
      at += 1;
      here += 1;
    } else if (star >= 0) {
      resumeAt += 1;
      [at, here] = [star + 1, resumeAt];
    } else return false;
  }
  return wanted.slice(at).every((rest) => rest === '*');
}

const SHOWN_PATTERNS = 20;

function listPatterns(patterns: readonly string[]): string {
  const more = patterns.length > SHOWN_PATTERNS ? ` and ${patterns.length - SHOWN_PATTERNS} more` : '';
  return `${JSON.stringify(patterns.slice(0, SHOWN_PATTERNS).map(cut))}${more}`;
}

function cut(text: string): string {
  return text.length > 80 ? `${text.slice(0, 77)}...` : text;
}
