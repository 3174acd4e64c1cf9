import type { ColumnLimit, TableLimits } from '../../../domain/columnLimits';
import { joinName, Namespace } from '../../../domain/planning';
import type { RunWork } from '../../engine';
import type { PostgresSession } from '../connection';
import { text } from '../control/decode';
import { fence } from '../control/lanes';
import { createMadeLog, SOURCE_LIMIT } from '../control/made';
import { postgresNames } from '../names';
import { quoteName, quoteQualified, quoteText } from '../quote';

/** Who holds a lock on a table for longer makes it one to try again. */
const LOCK_TIMEOUT_MS = 60_000;

/**
 * Has tables refuse what the source could not take back, each column by a check. Idempotent: those that are there are
 * left. Rows that are there already are not looked at: they came from the source. Each check is in the rollback log.
 */
export async function limitTables(
  session: PostgresSession,
  work: RunWork,
  schema: string,
  limits: readonly TableLimits[],
): Promise<void> {
  const made = createMadeLog(session);
  const known = new Set(
    (await made.list(work.runId)).filter(({ kind }) => kind === SOURCE_LIMIT).map(({ name }) => name),
  );
  const [row] = await session.query(`select current_setting('server_encoding')`);
  const isUtf8 = row?.[0] === 'UTF8';
  for (const { table, columns } of limits) {
    if (known.has(table)) continue;
    const relation = quoteQualified(schema, table);
    const natives = await nativeTypes(session, relation);
    const names = new Namespace(postgresNames.maxBytes, await constraintNames(session, relation));
    const checks = columns.flatMap(({ column, limits: each }) => {
      const name = quoteName(column);
      const conditions = each.flatMap((limit) => condition(name, natives.get(column) ?? '', limit, isUtf8) ?? []);
      if (conditions.length === 0) return [];
      const constraint = names.claim(joinName(postgresNames.maxBytes, table, column, 'source_limit'));
      return [{ constraint, condition: conditions.join(' and ') }];
    });
    if (checks.length === 0) continue;
    const added = checks.map(
      (check) => `ADD CONSTRAINT ${quoteName(check.constraint)} CHECK (${check.condition}) NOT VALID`,
    );
    const dropped = checks.map((check) => `DROP CONSTRAINT IF EXISTS ${quoteName(check.constraint)}`);
    await session.transaction(
      async () => {
        await fence(session, work);
        await session.query(`ALTER TABLE ${relation} ${added.join(', ')}`);
        const undo = `ALTER TABLE IF EXISTS ${relation} ${dropped.join(', ')}`;
        await made.record(work.runId, { kind: SOURCE_LIMIT, schema, name: table, undo });
      },
      { lockTimeoutMs: LOCK_TIMEOUT_MS },
    );
  }
}

async function nativeTypes(session: PostgresSession, relation: string): Promise<Map<string, string>> {
  const rows = await session.query(
    `select attname, format_type(atttypid, atttypmod) from pg_catalog.pg_attribute
     where attrelid = $1::regclass and attnum > 0 and not attisdropped`,
    [relation],
  );
  return new Map(rows.map(([name, native]) => [text(name), text(native)]));
}

async function constraintNames(session: PostgresSession, relation: string): Promise<string[]> {
  const rows = await session.query('select conname from pg_catalog.pg_constraint where conrelid = $1::regclass', [
    relation,
  ]);
  return rows.map(([name]) => text(name));
}

/** Ranges that types have by themselves. */
const OWN_RANGES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  smallint: [-(2n ** 15n), 2n ** 15n - 1n],
  integer: [-(2n ** 31n), 2n ** 31n - 1n],
  bigint: [-(2n ** 63n), 2n ** 63n - 1n],
};

/** The SQL of a limit on a column, by its quoted name; null where the column's type has it by itself. */
function condition(name: string, native: string, limit: ColumnLimit, isUtf8: boolean): string | null {
  switch (limit.kind) {
    case 'ranges':
      return rangesSql(name, native, limit.ranges);
    case 'finite':
      // A numeric with a precision is never infinite.
      return native.startsWith('numeric')
        ? `${name} <> 'NaN'`
        : /^(real|double)/.test(native)
          ? `${name} not in ('NaN', 'Infinity', '-Infinity')`
          : null;
    case 'single':
      return native === 'double precision' ? `${name}::real = ${name}` : null;
    case 'decimals':
      return decimalsSql(name, native, limit.scale);
    case 'length':
      return lengthSql(name, native, limit);
    case 'noSpaceAtEnd':
      return `${name} collate "C" !~ ' $'`;
    case 'characters':
      return isUtf8 ? `${name} collate "C" !~ '[^${limit.ranges.map(rangeOf).join('')}]'` : null;
    case 'labels':
      return `${name} in (${limit.labels.map((label) => quoteText(label)).join(', ')})`;
    case 'host':
      return `family(${name}) = ${limit.version} and masklen(${name}) = ${limit.version === 4 ? 32 : 128}`;
  }
}

/** An escape of regular expressions, which the encoding does not matter to as long as it is UTF-8. */
function rangeOf([first, last]: readonly [number, number]): string {
  const escaped = (code: number): string => `\\U${code.toString(16).padStart(8, '0')}`;
  return first === last ? escaped(first) : `${escaped(first)}-${escaped(last)}`;
}

function rangesSql(
  name: string,
  native: string,
  ranges: Extract<ColumnLimit, { kind: 'ranges' }>['ranges'],
): string | null {
  const own = OWN_RANGES[native];
  const [min, max] = ranges[0] ?? [null, null];
  if (own !== undefined && ranges.length === 1 && min !== null && max !== null) {
    if (BigInt(min) <= own[0] && BigInt(max) >= own[1]) return null;
  }
  const isNumber = own !== undefined || native.startsWith('numeric');
  const zone = native.endsWith('with time zone') && native.startsWith('timestamp') ? '+00' : '';
  const type = isNumber ? 'numeric' : native.replace(/\(.*?\)/, '');
  const literal = (value: string): string => `'${value}${zone}'::${type}`;
  const inside = ranges.map(([from, to]) => {
    const ends = [
      ...(from === null ? [] : [`${name} >= ${literal(from)}`]),
      ...(to === null ? [] : [`${name} <= ${literal(to)}`]),
    ];
    return ends.join(' and ');
  });
  const all = inside.length === 1 ? (inside[0] ?? '') : `(${inside.join(' or ')})`;
  // A month is no span of hours, but compares as thirty days.
  return native.startsWith('interval')
    ? `${all} and extract(month from ${name}) = 0 and extract(year from ${name}) = 0`
    : all;
}

function decimalsSql(name: string, native: string, scale: number): string | null {
  const own = /^(?:numeric\(\d+,|timestamp\()(\d+)\)/.exec(native)?.[1];
  if (own !== undefined && Number(own) <= scale) return null;
  if (native.startsWith('numeric')) return `round(${name}, ${scale}) = ${name}`;
  return native.startsWith('timestamp')
    ? `${name}::${native.replace(/^timestamp(?:\(\d+\))?/, `timestamp(${scale})`)} = ${name}`
    : null;
}

function lengthSql(
  name: string,
  native: string,
  { unit, min, max }: Extract<ColumnLimit, { kind: 'length' }>,
): string | null {
  const own = /^character varying\((\d+)\)$/.exec(native)?.[1];
  const room = own === undefined ? null : Number(own) * (unit === 'bytes' ? 4 : 1);
  if (room !== null && room <= max && min === 0) return null;
  // No value of the server has more.
  if (max >= 2 ** 30 && min === 0) return null;
  const length = `${unit === 'bytes' ? 'octet_length' : 'char_length'}(${name})`;
  return min === max ? `${length} = ${max}` : `${length} <= ${max}`;
}
