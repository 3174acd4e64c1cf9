import { MigrationError } from './errors';
import type { MigrationInput } from './input';

/**
 * Options whose phase this release does not have. At its default such an option is passed over; any other value is
 * refused by name, so that nobody believes in a protection that is not there.
 */
const UNBUILT: readonly (readonly [option: string, value: (input: MigrationInput) => unknown])[] = [
  ['mapping.collations', (input) => input.mapping.collations],
  [
    'mapping.tables.*.where',
    (input) =>
      Object.values(input.mapping.tables)
        .map((table) => table.where)
        .filter((where) => where !== undefined),
  ],
];

/** Errors: OPTION_NOT_BUILT, naming each option and the one value it can have. */
export function refuseUnbuilt(input: MigrationInput, defaults: MigrationInput): void {
  const refused = UNBUILT.filter(([, value]) => JSON.stringify(value(input)) !== JSON.stringify(value(defaults))).map(
    ([option, value]) => {
      const standard = value(defaults);
      return `${option}: leave it out (its default: ${standard === undefined ? 'none' : JSON.stringify(standard)})`;
    },
  );
  if (refused.length > 0) {
    throw new MigrationError(
      'OPTION_NOT_BUILT',
      `this release cannot do what the input asks for:\n${refused.map((line) => `- ${line}`).join('\n')}`,
    );
  }
}
