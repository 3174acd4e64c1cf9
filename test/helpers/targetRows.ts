import { setImmediate as turn } from 'node:timers/promises';
import type { CanonicalType } from '../../domain/canonicalType';
import { parseDatabaseUrl } from '../../domain/connectionUrl';
import type { DatabaseSettings } from '../../domain/connection';
import type { TablePlan, ValuePolicies } from '../../domain/plan';
import type { CellFormat, RowSink, RowWriter } from '../../engines/engine';
import { connect, type PostgresSession } from '../../engines/postgres/connection';
import { quoteName } from '../../engines/postgres/quote';
import { BufferPool, CopyWriter } from '../../engines/postgres/writer';
import { column, table } from './catalogs';

export const REJECT: ValuePolicies = { zeroDates: 'reject', nulCharacters: 'reject', invalidEnums: 'reject' };

export const TEXT: CellFormat = { kind: 'text', charset: 'utf8mb4' };
export const integer = (bits: 8 | 16 | 24 | 32 | 64, unsigned = false): CanonicalType => ({
  kind: 'integer',
  bits,
  unsigned,
});
export const decimal = (precision: number, scale: number): CanonicalType => ({ kind: 'decimal', precision, scale });
export const text = (length: number | null = null): CanonicalType => ({ kind: 'text', length });

/** A column of a target table: how its cells come, and what it is. */
export interface TargetColumn {
  readonly name: string;
  readonly cell: CellFormat;
  readonly type: CanonicalType;
  readonly native: string;
  readonly policies?: Partial<ValuePolicies>;
}

export type Cell = string | Buffer | null;

/** A database's settings as a worker reads them from its URL. */
export function settingsOf(url: string): DatabaseSettings {
  return parseDatabaseUrl('target', url);
}

/** The plan of a table with these columns; the first is the key. */
export function planOf(name: string, columns: readonly TargetColumn[]): TablePlan {
  const source = table(
    name,
    columns.map((given) => column(given.name, given.native, given.type)),
  );
  return {
    table: {
      source,
      targetSchema: 'public',
      targetName: name,
      columns: columns.map((given, index) => ({
        source: source.columns[index]!,
        targetName: given.name,
        type: given.type,
        mappedType: null,
        nullable: true,
        policies: { ...REJECT, ...given.policies },
      })),
      chunkKey: [columns[0]!.name],
      keyOrdersAlike: true,
      primaryKey: null,
      indexes: [],
      foreignKeys: [],
    },
    ddl: { nativeTypes: columns.map(({ native }) => native), create: [], build: [], foreignKeys: [], grants: [] },
  };
}

export function createTable(name: string, columns: readonly TargetColumn[]): string {
  return `create table public.${quoteName(name)} (${columns.map((c) => `${quoteName(c.name)} ${c.native}`).join(', ')})`;
}

/** Gives a row to a sink as a source does: cells somewhere in a buffer, with other bytes between them. */
export function giveRow(sink: RowSink, cells: readonly Cell[]): void {
  const buffers = cells.map((cell) => (cell === null ? null : Buffer.from(cell)));
  const offsets = new Int32Array(cells.length * 2);
  let at = 3;
  buffers.forEach((buffer, index) => {
    offsets[index * 2] = buffer ? at : -1;
    offsets[index * 2 + 1] = buffer ? at + buffer.length : -1;
    at += (buffer?.length ?? 0) + 1;
  });
  const bytes = Buffer.alloc(at, 0xfb);
  buffers.forEach((buffer, index) => buffer?.copy(bytes, offsets[index * 2]));
  sink.row(bytes, offsets);
}

/** Writes rows in a transaction of their own; answers how many the server took. */
export async function writeRows(
  session: PostgresSession,
  name: string,
  columns: readonly TargetColumn[],
  rows: readonly (readonly Cell[])[],
): Promise<number> {
  const cells = columns.map(({ cell }) => cell);
  const writer = new CopyWriter(session, new BufferPool(), planOf(name, columns), cells, () => undefined);
  return session.transaction(() => writeAll(writer, rows));
}

/** Begins the writer's stream, gives it the rows as its pressure allows, and ends it. */
export async function writeAll(writer: RowWriter, rows: Iterable<readonly Cell[]>): Promise<number> {
  let given = 0;
  await writer.begin();
  try {
    for (const row of rows) {
      giveRow(writer, row);
      const pressure = writer.pressure();
      if (pressure) await pressure;
      // A source's rows come from a socket, and so never keep everybody else waiting.
      if (++given % 500 === 0) await turn();
    }
    return await writer.end();
  } catch (error) {
    await writer.abort();
    throw error;
  }
}

/** What the server holds, as text, after cells of a column have been copied into it. */
export async function storedText(
  url: string,
  given: Omit<TargetColumn, 'name'>,
  cells: readonly Cell[],
  expression = 'v::text',
): Promise<(string | null)[]> {
  await using session = await connect(settingsOf(url));
  const name = `t${counter++}`;
  const columns: TargetColumn[] = [
    { name: 'n', cell: { kind: 'integer' }, type: { kind: 'integer', bits: 32, unsigned: false }, native: 'integer' },
    { name: 'v', ...given },
  ];
  await session.query(createTable(name, columns));
  await writeRows(
    session,
    name,
    columns,
    cells.map((cell, index) => [String(index), cell]),
  );
  const rows = await session.query(`select ${expression} from public.${quoteName(name)} order by n`);
  await session.query(`drop table public.${quoteName(name)}`);
  return rows.map(([text]) => text ?? null);
}

let counter = 0;
