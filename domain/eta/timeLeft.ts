import type { Pace } from '../activityMessages';
import { NOTHING, fitCosts, plus, timeOf, type Costs, type Work } from './costs';
import { isBegun, sumOf, together, type CopyCourse, type Stretch } from './course';
import { untilNextReading } from './readings';

/** Readings are as old as the lanes' last word, and a beginning takes longer or shorter, in milliseconds. */
const UNSHARP_MS = 1_000;
/** For so long what the costs say is taken for granted before the last stretches count against it, in milliseconds. */
const GRANTED_MS = 3_000;
/** The same under a limit, which is known and not measured. */
const LIMIT_GRANTED_MS = 5_000;
/** And for a group, against what the last stretches of all say. */
const GROUP_GRANTED_MS = 1_000;

/**
 * Milliseconds from the last reading until all rows are over, if the copy goes on as it goes, and no faster than
 * `limit` rows a second (0 is none). What is left costs what its like has cost, and the last stretches tell how much
 * the present differs from that.
 */
export function timeLeft(course: CopyCourse, limit: number): number {
  const rates: Rates = {
    costs: fitCosts([...course.spent.values()], course.scope.prior, UNSHARP_MS),
    msPerRow: limit === 0 ? 0 : 1_000 / limit,
  };
  const lately = course.lately.filter((stretch) => stretch.limit === limit);
  const stillMs = Math.max(0, course.stillMs - rates.costs.groups);
  const level = levelOf(lately, stillMs, rates);
  const left = leftOf(course);
  const time = (group: GroupLeft, own: number, all: number): number =>
    groupTime(group, own, all, rates) * levelOfGroup(group.label, lately, stillMs, rates, level);
  const alone = left.filter((group) => group.alone);
  const batches = left.filter((group) => !group.alone);
  const ms =
    sumOf(alone, (group) => time(group, group.lanes, group.lanes)) +
    sideBySide(batches, course.scope.parallelism, (group, lanes) => time(group, 1, lanes));
  return Math.max(ms, sumOf(left, ({ rows }) => rows) * rates.msPerRow);
}

interface Rates {
  readonly costs: Costs;
  /** That the limit allows; 0 is none. */
  readonly msPerRow: number;
}

/** How many times as long as expected these took, and nothing has moved since. One alone is mostly the copy's beginning. */
function levelOf(stretches: readonly Stretch[], stillMs: number, rates: Rates): number {
  if (stretches.length < 2) return 1;
  const took = sumOf(stretches, ({ ms }) => ms) + stillMs;
  const granted = rates.msPerRow === 0 ? GRANTED_MS : LIMIT_GRANTED_MS;
  return (took + granted) / (sumOf(stretches, (stretch) => expected(stretch, rates)) + granted);
}

/** The same of one group, as far as its own stretches tell: its rows are of their own kind. */
function levelOfGroup(label: string, lately: readonly Stretch[], stillMs: number, rates: Rates, level: number): number {
  const own = lately.filter(({ group, work }) => group === label && work.groups === 0);
  if (own.length === 0) return level;
  const took = sumOf(own, ({ ms }) => ms) + stillMs;
  return (took + GROUP_GRANTED_MS * level) / (sumOf(own, (stretch) => expected(stretch, rates)) + GROUP_GRANTED_MS);
}

function expected({ work, rows }: Stretch, { costs, msPerRow }: Rates): number {
  return Math.max(timeOf({ ...work, groups: 0 }, costs), rows * msPerRow) + work.groups * costs.groups;
}

/** How much later than due a reading may come before the time since it counts no more: then nothing is known. */
const LATE_MS = 5_000;

/**
 * Seconds until the end of the copy, as of a moment after the last reading; 0 when it is over, and null while it is paused.
 * It goes by whole seconds, and not to 0 before the end.
 */
export function etaSeconds(course: CopyCourse, { rowsPerSecond, paused }: Pace, at: number): number | null {
  const left = timeLeft(course, rowsPerSecond);
  if (left === 0) return 0;
  if (paused) return null;
  const elapsedMs = course.readAt - course.beganAt;
  const due = untilNextReading({ elapsedMs, settledMs: Infinity, leftMs: left, tables: course.scope.tables });
  const goneBy = Math.min(Math.max(at - course.since, 0), due + LATE_MS);
  return Math.max(1, Math.round((left - goneBy) / 1_000));
}

/** What is left of a group, as one lane would have to do it. */
interface GroupLeft {
  readonly label: string;
  readonly alone: boolean;
  /** That will be on it if it stands alone. */
  readonly lanes: number;
  readonly rows: number;
  readonly work: Work;
}

function leftOf({ scope, read }: CopyCourse): GroupLeft[] {
  return scope.groups.flatMap((group) => {
    let [rows, work] = [0, { ...NOTHING, groups: isBegun(group, read) ? 0 : 1 }];
    for (const table of group.tables) {
      const { rows: done, bytes, chunks, chunksDone } = read.get(table.name) ?? { ...NOTHING, chunksDone: 0 };
      if (chunks > 0 && chunksDone === chunks) continue;
      const left = Math.max(0, table.rows - done);
      // Its own rows so far tell how large the others are, the better the more they are.
      const few = 1 + table.rows / 100;
      const rowBytes = (bytes + few * table.rowBytes) / (done + few);
      rows += left;
      work = plus(work, {
        rows: left * table.weight,
        bytes: left * rowBytes * table.weight,
        chunks: (chunks > 0 ? chunks : table.chunks) - chunksDone,
        groups: 0,
      });
    }
    return rows === 0 && work.chunks === 0
      ? []
      : [
          {
            label: group.label,
            alone: group.alone,
            lanes: Math.max(1, Math.min(scope.parallelism, work.chunks)),
            rows,
            work,
          },
        ];
  });
}

/** How long a group takes with so many lanes of its own, of so many that are at work. */
function groupTime({ work, rows }: GroupLeft, own: number, all: number, { costs, msPerRow }: Rates): number {
  const moving = (((work.rows * costs.rows) / together(all) + work.bytes * costs.bytes) * all) / own;
  const limited = (rows * msPerRow * all) / own;
  return Math.max(moving + (work.chunks * costs.chunks) / own, limited) + work.groups * costs.groups;
}

/** How long these take, begun in their order and at most so many at once; `time` is one's with so many at work. */
function sideBySide<T>(all: readonly T[], limit: number, time: (one: T, atWork: number) => number): number {
  const waiting = [...all];
  let ms = 0;
  for (let active: { readonly of: T; readonly left: number }[] = []; ;) {
    active = [...active, ...waiting.splice(0, limit - active.length).map((of) => ({ of, left: 1 }))];
    if (active.length === 0) return ms;
    const timed = active.map(({ of, left }) => ({ of, left, whole: Math.max(1, time(of, active.length)) }));
    const step = Math.min(...timed.map(({ left, whole }) => left * whole));
    ms += step;
    active = timed.flatMap(({ of, left, whole }) => (left * whole > step ? [{ of, left: left - step / whole }] : []));
  }
}
