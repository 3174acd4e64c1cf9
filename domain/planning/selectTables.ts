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
  const included = filter.include.map(toRegExp);
  const excluded = filter.exclude.map(toRegExp);
  const tables = catalog.tables.filter(
    ({ name }) => included.some((pattern) => pattern.test(name)) && !excluded.some((pattern) => pattern.test(name)),
  );
  if (tables.length === 0) {
    throw new MigrationError(
      'NO_TABLES',
      `tables.include ${JSON.stringify(filter.include)} and tables.exclude ${JSON.stringify(filter.exclude)} leave ` +
        `none of the source's tables (${listNames(catalog.tables)}); mend the patterns`,
    );
  }
  return tables;
}

/** A warning for each pattern that matches no table at all: most often a name mistyped. */
export function findUnusedPatterns(catalog: Catalog, filter: TableFilter): Finding[] {
  return (['include', 'exclude'] as const).flatMap((list) =>
    filter[list].flatMap((pattern, position): Finding[] => {
      const regExp = toRegExp(pattern);
      if (pattern === '*' || catalog.tables.some(({ name }) => regExp.test(name))) return [];
      return [
        {
          code: 'INPUT_WITHOUT_EFFECT',
          severity: 'warning',
          object: `tables.${list}[${position}]`,
          source: pattern,
          target: '',
          reason: `no table of the source has a name like this; there are: ${listNames(catalog.tables)}`,
        },
      ];
    }),
  );
}

function toRegExp(pattern: string): RegExp {
  const escaped = pattern.replace(/[\\^$.|+()[\]{}/-]/g, '\\$&');
  return new RegExp(`^${escaped.replaceAll('*', '.*').replaceAll('?', '.')}$`, 'su');
}
