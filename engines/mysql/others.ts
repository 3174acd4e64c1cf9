import type { OtherObject } from '../../domain/catalog';
import { quoteName } from './quote';
import type { Session } from './session';

const IN_DATABASE = {
  views: 'FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE()',
  triggers: 'FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = DATABASE()',
  routines: 'FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = DATABASE()',
  events: 'FROM information_schema.EVENTS WHERE EVENT_SCHEMA = DATABASE()',
  sequences: "FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE = 'SEQUENCE'",
} as const;

/** What stands for a text that the user may not see; preflight names the right that is missing. */
const HIDDEN = '(the definition is hidden from this user)';

/** What the schema holds beside tables, with its text, in order of kind and name. */
export async function readOthers(session: Session): Promise<OtherObject[]> {
  const views = await session.select({ name: 'TABLE_NAME', text: 'VIEW_DEFINITION' }, IN_DATABASE.views);
  const triggers = await session.select(
    {
      name: 'TRIGGER_NAME',
      table: 'EVENT_OBJECT_TABLE',
      head: "CONCAT(ACTION_TIMING, ' ', EVENT_MANIPULATION)",
      text: 'ACTION_STATEMENT',
    },
    IN_DATABASE.triggers,
  );
  const routines = await session.select(
    { name: 'ROUTINE_NAME', kind: 'LOWER(ROUTINE_TYPE)', text: 'ROUTINE_DEFINITION' },
    `${IN_DATABASE.routines} AND ROUTINE_TYPE IN ('PROCEDURE', 'FUNCTION')`,
  );
  const events = await session.select({ name: 'EVENT_NAME', text: 'EVENT_DEFINITION' }, IN_DATABASE.events);
  const sequences = await session.select({ name: 'TABLE_NAME' }, IN_DATABASE.sequences);
  const objects: OtherObject[] = [
    ...views.map(({ name, text }) => describe('view', name, `AS ${text || HIDDEN}`)),
    ...triggers.map(({ name, table, head, text }) => ({
      ...describe('trigger', name, `${head ?? ''} ON ${quoteName(table ?? '')} FOR EACH ROW ${text || HIDDEN}`),
      table: table ?? '',
    })),
    ...routines.map(({ name, kind, text }) =>
      describe(kind === 'function' ? 'function' : 'procedure', name, text || HIDDEN),
    ),
    ...events.map(({ name, text }) => describe('event', name, `DO ${text || HIDDEN}`)),
    ...sequences.map(({ name }) => describe('sequence', name, '')),
  ];
  return objects.sort((a, b) => compare(a.kind, b.kind) || compare(a.name, b.name));
}

function describe(kind: OtherObject['kind'], name: string | null, rest: string): OtherObject {
  const definition = `CREATE ${kind.toUpperCase()} ${quoteName(name ?? '')} ${rest}`.trim();
  return { kind, name: name ?? '', definition };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
