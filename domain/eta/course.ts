import type { Pace } from '../activityMessages';
import { NOTHING, plus, timeOf, type Done, type Work } from './costs';
import type { CopyGroup, CopyScope } from './scope';

/** What is told of a table's copy. */
export interface TableReading {
  readonly table: string;
  readonly rows: number;
  readonly bytes: number;
  readonly chunksDone: number;
  /** 0 until it is cut. */
  readonly chunks: number;
}

/** What was done between two readings, and how long that took. */
export interface Stretch extends Done {
  readonly endedAt: number;
  readonly rows: number;
  /** Rows a second that were allowed; 0 is no limit. */
  readonly limit: number;
  /** Whose rows they were; null where it was several groups'. */
  readonly group: string | null;
}

/** How a copy goes, as read so far. Moments are the workflow's clock's, in milliseconds. */
export interface CopyCourse {
  readonly scope: CopyScope;
  readonly beganAt: number;
  readonly readAt: number;
  /** From when on time has gone by for what was left then: the last reading, or the end of a pause after it. */
  readonly since: number;
  /** By table; absent where nothing is known of it yet. */
  readonly read: ReadonlyMap<string, TableReading>;
  /** What each group that stands alone took as fast as it could go, and under null all others together. */
  readonly spent: ReadonlyMap<string | null, Done>;
  /** The last stretches, all under one limit. */
  readonly lately: readonly Stretch[];
  /** How long nothing has moved since. */
  readonly stillMs: number;
  /** How long the copy has been at work. */
  readonly workedMs: number;
}

export function beginCourse(scope: CopyScope, at: number): CopyCourse {
  return {
    scope,
    beganAt: at,
    readAt: at,
    since: at,
    read: new Map(),
    spent: new Map(),
    lately: [],
    stillMs: 0,
    workedMs: 0,
  };
}

/** How much of the past tells how fast it goes now: a tenth of it, within these bounds. */
const LATELY = 0.1;
const LEAST_LATELY_MS = 10_000;
const MOST_LATELY_MS = 600_000;

/**
 * Takes a reading. `under` is the pace that was set all the time since the one before, or null where it changed: what
 * went over then tells nothing of either. Pure, so that a replay comes to the same.
 */
export function withReading(
  course: CopyCourse,
  at: number,
  tables: readonly TableReading[],
  under: Pace | null,
): CopyCourse {
  const next = { ...course, readAt: at, since: at, read: new Map(tables.map((table) => [table.table, table])) };
  if (under === null || under.paused) return { ...next, stillMs: 0 };
  const workedMs = course.workedMs + at - course.readAt;
  const ms = course.stillMs + at - course.readAt;
  const moves = movesBetween(course, next.read);
  const rows = sumOf(moves, (move) => move.rows);
  const work = moves.reduce((sum, move) => plus(sum, move.work), NOTHING);
  if (rows <= 0 && work.chunks <= 0) return { ...next, workedMs, stillMs: ms };
  const since = at - Math.min(Math.max(workedMs * LATELY, LEAST_LATELY_MS), MOST_LATELY_MS);
  const limit = under.rowsPerSecond;
  const group = moves.length === 1 ? (moves[0]?.group.label ?? null) : null;
  const stretch = { endedAt: at, ms, rows, work, limit, group };
  const lately = [...course.lately.filter((one) => one.endedAt > since && one.limit === limit), stretch];
  const spent = tellsCosts(lately, limit) ? withSpent(course, moves, ms) : course.spent;
  return { ...next, workedMs, stillMs: 0, lately, spent };
}

/** The copy goes on after a pause. */
export function resumedAt(course: CopyCourse, at: number): CopyCourse {
  return { ...course, since: at };
}

/** Rows a second, lately; 0 before any came. */
export function rowsPerSecond({ lately, stillMs }: CopyCourse): number {
  const ms = sumOf(lately, (stretch) => stretch.ms) + stillMs;
  return ms === 0 ? 0 : (1_000 * sumOf(lately, ({ rows }) => rows)) / ms;
}

/** From this share of the limit on it is the limit that was measured. */
const AT_LIMIT = 0.8;
/** Under a limit it takes so long to tell, in milliseconds: a first stretch is mostly its beginning. */
const TELLING_MS = 3_000;

/** Whether the copy went as fast as it could, and not as fast as it might. */
function tellsCosts(lately: readonly Stretch[], limit: number): boolean {
  if (limit === 0) return true;
  const ms = sumOf(lately, (stretch) => stretch.ms);
  return ms >= TELLING_MS && sumOf(lately, ({ rows }) => rows) < (AT_LIMIT * limit * ms) / 1_000;
}

interface Move {
  readonly group: CopyGroup;
  readonly rows: number;
  readonly work: Work;
}

/** What has gone over of each table since the last reading; a lane that was lost takes back what it had in hand. */
function movesBetween({ scope, read }: CopyCourse, now: CopyCourse['read']): Move[] {
  return scope.groups.flatMap((group) => {
    if (!isBegun(group, now)) return [];
    const begun = isBegun(group, read);
    const lanes = lanesOf(scope, group, now);
    let [rows, work] = [0, { ...NOTHING, groups: begun ? 0 : 1 / (group.alone ? 1 : lanes) }];
    for (const { name, weight } of group.tables) {
      const [before, after] = [read.get(name), now.get(name)];
      if (after === undefined) continue;
      const moved = after.rows - (before?.rows ?? 0);
      rows += moved;
      work = plus(work, {
        rows: (moved * weight) / together(lanes),
        bytes: (after.bytes - (before?.bytes ?? 0)) * weight,
        chunks: (after.chunksDone - (before?.chunksDone ?? 0)) / lanes,
        groups: 0,
      });
    }
    return rows === 0 && work.chunks === 0 ? [] : [{ group, rows, work }];
  });
}

/** Whether anything of it has gone over. */
export function isBegun({ tables }: CopyGroup, read: CopyCourse['read']): boolean {
  return tables.some(({ name }) => {
    const table = read.get(name);
    return table !== undefined && (table.rows > 0 || table.chunksDone > 0);
  });
}

/** How many lanes are at work in all while a group is copied. */
function lanesOf({ parallelism, groups }: CopyScope, { alone, tables }: CopyGroup, read: CopyCourse['read']): number {
  const many = alone
    ? sumOf(tables, ({ name, chunks }) => read.get(name)?.chunks ?? chunks)
    : groups.filter((group) => !group.alone).length;
  return Math.max(1, Math.min(parallelism, many));
}

/**
 * How many times as many rows lanes that are side by side translate as one alone: what they share is limited. Bytes go
 * through one network to one disk, however many send them.
 */
export function together(lanes: number): number {
  return Math.cbrt(lanes);
}

/** Adds a stretch to what its groups took, each by the share that it should have in it. */
function withSpent({ spent, scope: { prior } }: CopyCourse, moves: readonly Move[], ms: number): CopyCourse['spent'] {
  const shares = moves.map(({ work }) => Math.max(0, timeOf(work, prior.costs)));
  const all = sumOf(shares, (share) => share);
  const next = new Map(spent);
  moves.forEach(({ group, work }, index) => {
    const key = group.alone ? group.label : null;
    const before = next.get(key) ?? { ms: 0, work: NOTHING };
    const spentMs = all === 0 ? 0 : (ms * (shares[index] ?? 0)) / all;
    next.set(key, { ms: before.ms + spentMs, work: plus(before.work, work) });
  });
  return next;
}

export function sumOf<T>(items: readonly T[], of: (item: T) => number): number {
  return items.reduce((sum, item) => sum + of(item), 0);
}
