import type { ColumnDefault } from '../../domain/catalog';
import type { DatabaseSettings } from '../../domain/connection';
import type { RawColumn } from './columns';
import { queryInBatches } from './definitions';
import { readLiteral } from './literals';
import { quoteName } from './quote';

/**
 * The defaults of string columns as the server itself holds them, by a query for each table. Where a table is empty the
 * server answers NULL for a column that cannot be NULL; then the definition has to tell.
 */
export async function readExactDefaults(
  settings: DatabaseSettings,
  wanted: readonly { readonly table: string; readonly columns: readonly RawColumn[] }[],
  definitions: ReadonlyMap<string, string>,
): Promise<ReadonlyMap<RawColumn, ColumnDefault>> {
  const answers = await queryInBatches(
    settings,
    wanted.map(({ table, columns }) => statement(table, columns)),
  );
  return new Map(
    wanted.flatMap(({ table, columns }, index) =>
      columns.map((column, position): [RawColumn, ColumnDefault] => {
        const hex = answers[index]?.[0]?.[position] ?? null;
        return [column, hex === null ? fromDefinition(column, definitions.get(table) ?? '') : fromHex(column, hex)];
      }),
    ),
  );
}

function statement(table: string, columns: readonly RawColumn[]): string {
  const values = columns.map(({ name, charset }) => {
    const value = `DEFAULT(${quoteName(name ?? '')})`;
    return `HEX(${charset === null ? value : `CONVERT(${value} USING utf8mb4)`})`;
  });
  return `SELECT ${values.join(', ')} FROM (SELECT 1) AS one LEFT JOIN ${quoteName(table)} ON TRUE LIMIT 1`;
}

function fromHex({ charset }: RawColumn, hex: string): ColumnDefault {
  if (charset === null) return { kind: 'bytes', hex: hex.toLowerCase() };
  return { kind: 'literal', text: Buffer.from(hex, 'hex').toString('utf8') };
}

/**
 * SHOW CREATE TABLE prints a default as a quoted text; MySQL prints in hex what three-byte UTF-8 cannot hold, MariaDB
 * puts question marks. A value that cannot be told for certain stays what the definition says, for a person to read.
 */
function fromDefinition(column: RawColumn, definition: string): ColumnDefault {
  const start = `  ${quoteName(column.name ?? '')} ${column.columnType ?? ''}`;
  const line = definition.slice(definition.indexOf(`\n${start}`) + 1 + start.length);
  const printed = /^[^'\n]*? DEFAULT (0x[\dA-Fa-f]*|'(?:[^'\\]|''|\\[^])*')/.exec(line)?.[1] ?? column.default ?? '';
  if (printed.startsWith('0x') && (column.charset === null || column.charset === 'utf8mb4')) {
    return fromHex(column, printed.slice(2));
  }
  const text = readLiteral(printed);
  if (text === null || /[?\ufffd]/.test(text)) return { kind: 'expression', sql: printed };
  if (column.charset !== null) return { kind: 'literal', text };
  const bytes = Buffer.from(text, 'utf8');
  const length = column.dataType === 'binary' ? Number(column.length) : bytes.length;
  return {
    kind: 'bytes',
    hex: Buffer.concat([bytes, Buffer.alloc(Math.max(0, length - bytes.length))]).toString('hex'),
  };
}
