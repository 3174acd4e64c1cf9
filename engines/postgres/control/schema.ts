import type { PostgresSession } from '../connection';

export const CONTROL_SCHEMA = 'temporal_migrate';

/**
 * The migration's memory. Documents are `json`, not `jsonb`: they must come back as they were written, keys in order
 * (positions are compared as text) and with \u0000 where a definition has it. A chunk's `rows` are set when it is
 * done; `rejected_rows` are those it had besides, counted by `place`. What is `in_hand` counts only while the lane has that
 * process, which is alive, and the chunk is not done. `rollback_log.undo` is what takes an entry back:
 * SQL for the target or the source, a shell command for a switch; empty where the thing goes with another one.
 */
const TABLES = [
  `create table if not exists temporal_migrate.runs (
    run_id text primary key,
    workflow_id text not null,
    source_name text not null,
    target_name text not null,
    fingerprint text not null,
    epoch integer not null default 1,
    state text not null default 'open'
      check (state in ('open', 'frozen', 'committed', 'aborted', 'rolledBack', 'accepted')),
    rows_per_second double precision not null default 0,
    paused boolean not null default false,
    opened_at timestamptz not null default now())`,
  `create table if not exists temporal_migrate.lanes (
    run_id text not null references temporal_migrate.runs on delete cascade,
    lane text not null,
    backend_pid integer not null,
    backend_start timestamptz not null,
    primary key (run_id, lane))`,
  `create table if not exists temporal_migrate.facts (
    run_id text not null references temporal_migrate.runs on delete cascade,
    table_name text not null,
    facts json not null,
    primary key (run_id, table_name))`,
  `create table if not exists temporal_migrate.plans (
    run_id text not null references temporal_migrate.runs on delete cascade,
    table_name text not null,
    bytes bigint not null,
    plan json not null,
    primary key (run_id, table_name))`,
  `create table if not exists temporal_migrate.findings (
    run_id text not null references temporal_migrate.runs on delete cascade,
    ordinal integer not null,
    finding json not null,
    primary key (run_id, ordinal))`,
  `create table if not exists temporal_migrate.chunks (
    run_id text not null references temporal_migrate.runs on delete cascade,
    table_name text not null,
    ordinal integer not null,
    key_range json not null,
    rows bigint,
    bytes bigint,
    primary key (run_id, table_name, ordinal))`,
  `create index if not exists chunks_to_copy
    on temporal_migrate.chunks (run_id, table_name, ordinal) where rows is null`,
  `create table if not exists temporal_migrate.read_at (
    run_id text not null references temporal_migrate.runs on delete cascade,
    table_name text not null,
    position text not null,
    primary key (run_id, table_name))`,
  `create table if not exists temporal_migrate.in_hand (
    run_id text not null references temporal_migrate.runs on delete cascade,
    lane text not null,
    backend_pid integer not null,
    backend_start timestamptz not null,
    table_name text not null,
    ordinal integer not null,
    rows bigint not null,
    bytes bigint not null,
    primary key (run_id, lane))`,
  `create table if not exists temporal_migrate.rejected_rows (
    run_id text not null references temporal_migrate.runs on delete cascade,
    table_name text not null,
    ordinal integer not null,
    place integer not null,
    key json not null,
    column_name text not null,
    reason text not null,
    row json not null,
    digest text not null,
    state text not null default 'rejected' check (state in ('rejected', 'copied')),
    primary key (run_id, table_name, ordinal, place))`,
  `create table if not exists temporal_migrate.freezes (
    run_id text primary key references temporal_migrate.runs on delete cascade,
    source_name text not null,
    found json not null,
    deadline bigint)`,
  `create table if not exists temporal_migrate.rollback_log (
    number bigint generated always as identity primary key,
    run_id text not null references temporal_migrate.runs on delete cascade,
    made_at timestamptz not null default clock_timestamp(),
    place text not null check (place in ('target', 'source', 'switch')),
    kind text not null,
    schema_name text not null default '',
    name text not null,
    undo text not null,
    undone_at timestamptz,
    undone_by text)`,
  `create index if not exists rollback_log_by_run on temporal_migrate.rollback_log (run_id, number)`,
  `create table if not exists temporal_migrate.positions (
    run_id text not null references temporal_migrate.runs on delete cascade,
    moment text not null,
    position json not null,
    noted_at timestamptz not null default clock_timestamp(),
    primary key (run_id, moment))`,
  `create table if not exists temporal_migrate.streams (
    run_id text not null references temporal_migrate.runs on delete cascade,
    stream text not null,
    position text not null,
    within bigint not null default 0,
    high text not null,
    stop text,
    committed_at_ms double precision,
    applied_at timestamptz,
    primary key (run_id, stream))`,
  `create table if not exists temporal_migrate.vacated_keys (
    run_id text not null references temporal_migrate.runs on delete cascade,
    stream text not null,
    name text not null,
    primary key (run_id, stream, name))`,
  `create table if not exists temporal_migrate.unsettled_keys (
    run_id text not null references temporal_migrate.runs on delete cascade,
    table_name text not null,
    key json not null)`,
  `create table if not exists temporal_migrate.verified (
    run_id text not null references temporal_migrate.runs on delete cascade,
    epoch integer not null,
    table_name text not null,
    part text not null,
    result json not null,
    primary key (run_id, epoch, table_name, part))`,
];

/** Any number will do, as long as nobody else locks it: two first runs on one server must not both make the schema. */
const SCHEMA_LOCK = '7310588264201551986';

/** Makes what is missing of the control schema; safe to repeat and to run twice at once. */
export async function ensureControlSchema(session: PostgresSession): Promise<void> {
  await session.transaction(async () => {
    await session.query(`select pg_advisory_xact_lock(${SCHEMA_LOCK})`);
    // CREATE SCHEMA IF NOT EXISTS asks for the right to create one even when it exists.
    if (!(await hasControlSchema(session))) await session.query(`create schema ${CONTROL_SCHEMA}`);
    for (const statement of TABLES) await session.query(statement);
  });
}

export async function hasControlSchema(session: PostgresSession): Promise<boolean> {
  const rows = await session.query(`select 1 from pg_catalog.pg_namespace where nspname = '${CONTROL_SCHEMA}'`);
  return rows.length > 0;
}
