import { readCells } from '../../../domain/canonicalCells';
import type { PlannedTable } from '../../../domain/plan';
import { keyColumns, NULL_IN_KEY, type RowKey } from '../../../domain/rowKey';
import type { TargetWatch } from '../../engine';
import type { PostgresSession } from '../connection';
import { text } from '../control/decode';
import { wholeCell } from '../fingerprint/cells';
import { keysSql } from '../fingerprint/keySql';
import { quoteName, quoteQualified } from '../quote';
import { findIssues } from './issues';

const LOCK_TIMEOUT_MS = 2_000;
/** Pages read for a sample: rows that lie together, of a table that may be large. */
const PAGES = 4;
/** Keys of one batch: few enough to be asked for in one statement. */
const KEYS_AT_ONCE = 500;

/** `session` is opened when first needed, and not the one that the control store answers on. */
export function postgresWatch(session: () => Promise<PostgresSession>): TargetWatch {
  const brief = async <T>(work: (session: PostgresSession) => Promise<T>): Promise<T> => {
    const opened = await session();
    return opened.transaction(() => work(opened), { lockTimeoutMs: LOCK_TIMEOUT_MS });
  };
  return {
    async horizon() {
      const opened = await session();
      const [row] = await opened.query('select txid_snapshot_xmin(txid_current_snapshot())');
      return text(row?.[0]);
    },

    issues: async (plans, read, grants) => findIssues(await session(), plans, read, grants),

    sampleUnwritten: (table, horizon, most) =>
      brief(async (opened) => {
        const sample = await sampled(opened, table);
        return readKeys(opened, table, `${sample} where ${beforeSql('$1')} limit ${most}`, [horizon]);
      }),

    stillUnwritten: (table, keys, horizon) =>
      brief((opened) => {
        const values: unknown[] = [horizon];
        const wanted = keysSql(keyColumns(table), keys, (value) => `$${values.push(value)}`);
        return readKeys(opened, table, `${nameOf(table)} where (${wanted}) and ${beforeSql('$1')}`, values);
      }),

    checkReferences: (table, most) =>
      brief(async (opened) => {
        const answers: { key: string; checked: number; failed: number }[] = [];
        for (const key of table.foreignKeys.filter(({ notValid }) => !notValid)) {
          const sample = await sampled(opened, table);
          const [row] = await opened.query(referencesSql(table, key, sample, most), [nameOf(table), key.targetName]);
          answers.push({ key: key.targetName, checked: Number(row?.[0] ?? 0), failed: Number(row?.[1] ?? 0) });
        }
        return answers;
      }),

    async writtenKeys(table, horizon, onKeys, signal) {
      const opened = await session();
      const cells = keyColumns(table).map((column) => wholeCell(column));
      const written = horizon === null ? '' : ` where not (${beforeSql(horizonLiteral(horizon))})`;
      await opened.transaction(async () => {
        await opened.query(
          `declare written no scroll cursor for select ${cells.flat().join(', ')} from ${nameOf(table)}${written}`,
        );
        for (;;) {
          const rows = await opened.query(`fetch ${KEYS_AT_ONCE} from written`, [], signal);
          if (rows.length === 0) return;
          await onKeys(rows.map((row) => toKey(cells, row)));
        }
      });
    },
  };
}

/**
 * That a row's last writer came before the horizon, and so had ended when it was taken. `age` counts transactions
 * backwards from now, whichever way the 32 bits of a row's writer have turned over.
 */
function beforeSql(horizon: string): string {
  return `age(xmin) > age((${horizon}::int8 % 4294967296)::text::xid)`;
}

function horizonLiteral(horizon: string): string {
  return `'${BigInt(horizon)}'`;
}

/** The table, or some of its pages by chance. */
async function sampled(session: PostgresSession, table: PlannedTable): Promise<string> {
  const [row] = await session.query(`select pg_relation_size(to_regclass($1)) / current_setting('block_size')::int8`, [
    nameOf(table),
  ]);
  const pages = Number(row?.[0] ?? 0);
  return pages <= PAGES ? nameOf(table) : `${nameOf(table)} tablesample system (${(PAGES * 100) / pages})`;
}

/** One statement, so that all of it is seen at one moment. A constraint that somebody dropped is nobody's promise. */
function referencesSql(
  table: PlannedTable,
  { columns, referencedTable, referencedColumns }: PlannedTable['foreignKeys'][number],
  sample: string,
  most: number,
): string {
  const list = columns.map(quoteName).join(', ');
  const there = columns.map((name) => `picked.${quoteName(name)} is not null`).join(' and ');
  const equal = columns
    .map((name, place) => `parent.${quoteName(referencedColumns[place] ?? '')} = picked.${quoteName(name)}`)
    .join(' and ');
  const parent = quoteQualified(table.targetSchema, referencedTable);
  return `select count(*) filter (where ${there}),
      count(*) filter (where ${there} and not exists (select from ${parent} parent where ${equal}))
    from (select ${list} from ${sample} limit ${most}) picked
    where exists (select from pg_constraint where conrelid = to_regclass($1) and conname = $2)`;
}

async function readKeys(
  session: PostgresSession,
  table: PlannedTable,
  from: string,
  values: readonly unknown[],
): Promise<RowKey[]> {
  const cells = keyColumns(table).map((column) => wholeCell(column));
  const rows = await session.query(`select ${cells.flat().join(', ')} from ${from}`, values);
  return rows.map((row) => toKey(cells, row));
}

function toKey(cells: Parameters<typeof readCells>[0], row: readonly (string | null)[]): RowKey {
  return readCells(cells, row, 0).map((cell) => cell ?? NULL_IN_KEY);
}

function nameOf({ targetSchema, targetName }: PlannedTable): string {
  return quoteQualified(targetSchema, targetName);
}
