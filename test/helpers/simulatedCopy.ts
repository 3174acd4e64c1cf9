import type { Pace } from '../../domain/activityMessages';
import { beginCourse, resumedAt, withReading, type CopyCourse, type TableReading } from '../../domain/eta/course';
import { untilNextReading } from '../../domain/eta/readings';
import { scopeOf } from '../../domain/eta/scope';
import { etaSeconds, timeLeft } from '../../domain/eta/timeLeft';
import { groupTables, type TableGroup } from '../../domain/tableGroups';
import { samplingOf, type TrialResult, type TrialTable } from '../../domain/trial';

export interface SimulatedTable {
  readonly name: string;
  readonly rows: number;
  /** As the target is sent a row. */
  readonly rowBytes: number;
  /** Whether it has no key, so that it is one chunk. */
  readonly keyless?: boolean;
  /** How many times as long its rows take as their number and bytes tell. */
  readonly weight?: number;
}

export interface Simulation {
  readonly tables: readonly SimulatedTable[];
  readonly parallelism?: number;
  /** What things take a lane that is alone, in milliseconds. */
  readonly costs?: Partial<typeof USUAL>;
  /** How many times as much so many lanes do side by side as one, of rows and of bytes. */
  readonly together?: (lanes: number) => number;
  readonly bytesTogether?: (lanes: number) => number;
  /** How fast everything is at a moment; 1 is as the costs say. */
  readonly speed?: (atMs: number) => number;
  readonly rowsPerSecond?: number;
  /** What people do, in their order. */
  readonly changes?: readonly { readonly at: number; readonly rowsPerSecond?: number; readonly paused?: boolean }[];
  /** Whether a percentage was tried before. */
  readonly trial?: boolean;
  readonly random: () => number;
}

/** An answer of the query, and what was true then. */
export interface Answer {
  readonly at: number;
  readonly etaMs: number | null;
  /** At work until the end. */
  readonly trueMs: number;
  /** The share of the copy's time at work that had gone by. */
  readonly gone: number;
}

const USUAL = { rows: 0.001, bytes: 8e-6, chunks: 15, groups: 900 };
const CHUNK_BYTES = 33_554_432;
const STEP_MS = 20;
const TELL_MS = 500;
const ANSWER_MS = 500;

/** The same numbers for the same seed, evenly spread from 0 to 1. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32;
    return state / 2 ** 32;
  };
}

/** What a trial of one percent would have told. */
function trialOf({ tables, costs: given, random }: Simulation): Pick<TrialResult, 'tables' | 'pieceMs'> {
  const costs = { ...USUAL, ...given };
  const told = tables.map(({ name, rows, rowBytes, keyless = false, weight = 1 }): TrialTable => {
    const sampling = samplingOf({ rows, bytes: rows * rowBytes }, 1, !keyless, CHUNK_BYTES);
    const pieces = sampling.kind === 'pieces' ? sampling.pieces : 1;
    const tried = sampling.kind === 'whole' ? rows : sampling.kind === 'first' ? sampling.rows : sampling.rowsPerPiece * pieces; // prettier-ignore
    const moving = tried * (costs.rows + costs.bytes * rowBytes) * weight * (0.9 + 0.2 * random());
    const ms = moving + pieces * costs.chunks * (1 + (random() - 0.5) / Math.sqrt(pieces));
    return {
      ...{ name, sourceRows: rows, sourceBytes: rows * rowBytes, rows: tried, pulledRows: 0, rejectedRows: 0 },
      ...{ verifiedRows: tried, mismatches: 0, copyMs: ms, buildMs: 0, verifyMs: 0 },
      own: { rows: tried, bytes: tried * rowBytes, pieces, ms },
    };
  });
  return { tables: told, pieceMs: costs.chunks * (0.8 + 0.4 * random()) };
}

interface Chunk {
  readonly table: SimulatedTable;
  readonly rows: number;
  left: number;
}

/** A group of tables that a child workflow copies, once it has begun. */
interface Running {
  readonly of: TableGroup;
  readonly startsAt: number;
  readonly waiting: Chunk[];
  lanes: Lane[] | null;
}

interface Lane {
  readonly group: Running;
  chunk: Chunk | null;
  /** What is left of claiming and committing. */
  beside: number;
  told: { readonly chunk: Chunk; readonly rows: number } | null;
  tellAt: number;
}

/** A copy as lanes do it, with what is read of it and what is answered, without any server. */
export class SimulatedCopy {
  readonly answers: Answer[] = [];
  /** How often the progress was read. */
  readings = 0;
  private now = 0;
  private workedMs = 0;
  private pace: Pace;
  private under: Pace | null;
  private settledAt = 0;
  private readAt: number;
  private course: CopyCourse;
  private running: Running[] = [];
  private readonly costs: typeof USUAL;
  private readonly changes: NonNullable<Simulation['changes']>[number][];
  private readonly waiting: TableGroup[];
  private readonly byName: ReadonlyMap<string, SimulatedTable>;
  private readonly chunks = new Map<string, Chunk[]>();

  constructor(private readonly simulation: Simulation) {
    const { tables, parallelism = 4, rowsPerSecond = 0, costs, changes = [], trial = true } = simulation;
    const sizes = tables.map(({ name, rows, rowBytes }) => ({ name, rows, bytes: rows * rowBytes }));
    this.costs = { ...USUAL, ...costs };
    this.changes = [...changes];
    this.byName = new Map(tables.map((table) => [table.name, table]));
    this.waiting = groupTables(sizes, CHUNK_BYTES, parallelism);
    const scope = scopeOf(sizes, { chunkBytes: CHUNK_BYTES, parallelism }, trial ? trialOf(simulation) : null);
    this.course = beginCourse(scope, 0);
    this.pace = { rowsPerSecond, paused: false };
    this.under = this.pace;
    this.readAt = untilNextReading({ elapsedMs: 0, settledMs: 0, leftMs: Infinity, tables: tables.length });
  }

  /** Runs to the end; answers how long it took. */
  run(): number {
    const told: { at: number; etaMs: number | null; workedMs: number }[] = [];
    for (;;) {
      this.begin();
      if (this.running.length === 0) break;
      this.now += STEP_MS;
      this.change();
      if (!this.pace.paused) this.workedMs += STEP_MS;
      this.work();
      if (this.now >= this.readAt) this.read();
      if (this.now % ANSWER_MS === 0) {
        const eta = etaSeconds(this.course, this.pace, this.now);
        told.push({ at: this.now, etaMs: eta === null ? null : eta * 1_000, workedMs: this.workedMs });
      }
    }
    const all = this.workedMs;
    this.answers.push(
      ...told.map(({ at, etaMs, workedMs }) => ({ at, etaMs, trueMs: all - workedMs, gone: workedMs / all })),
    );
    return this.now;
  }

  /** Large groups one after the other, then batches side by side. */
  private begin(): void {
    for (;;) {
      const [next] = this.waiting;
      if (next === undefined) return;
      const alone = this.running.some(({ of }) => of.lanes > 1);
      const room = next.lanes > 1 ? 1 : (this.simulation.parallelism ?? 4);
      if (alone || this.running.length >= room) return;
      this.waiting.shift();
      const startsAt = this.now + this.costs.groups * (0.7 + 0.6 * this.simulation.random());
      this.running.push({ of: next, startsAt, waiting: [], lanes: null });
    }
  }

  private change(): void {
    const [next] = this.changes;
    if (next === undefined || this.now < next.at) return;
    this.changes.shift();
    if (this.pace.paused && next.paused === false) this.course = resumedAt(this.course, this.now);
    this.pace = { ...this.pace, ...next };
    [this.under, this.settledAt, this.readAt] = [null, this.now, this.now + 200];
  }

  private work(): void {
    for (const group of this.running) {
      if (group.lanes === null && this.now >= group.startsAt && !this.pace.paused) this.cut(group);
    }
    const lanes = this.running.flatMap((group) => group.lanes ?? []);
    for (const lane of lanes) if (lane.chunk === null) this.claim(lane);
    const atWork = lanes.filter(({ chunk }) => chunk !== null);
    for (const lane of atWork) this.copy(lane, atWork.length);
    this.running = this.running.filter(
      ({ lanes: own, waiting }) => own === null || waiting.length > 0 || own.some(({ chunk }) => chunk !== null),
    );
  }

  private cut(group: Running): void {
    for (const name of group.of.tables) {
      const table = this.byName.get(name);
      if (table === undefined) continue;
      const rowsPerChunk = Math.max(1, Math.floor(CHUNK_BYTES / table.rowBytes));
      const many = table.keyless === true ? 1 : Math.max(1, Math.ceil(table.rows / rowsPerChunk));
      const own = Array.from({ length: many }, () => ({ table, rows: table.rows / many, left: table.rows / many }));
      this.chunks.set(name, own);
      group.waiting.push(...own);
    }
    group.lanes = Array.from({ length: Math.min(group.of.lanes, group.waiting.length) }, () => ({
      ...{ group, chunk: null, beside: 0, told: null },
      tellAt: this.now + TELL_MS * this.simulation.random(),
    }));
  }

  private claim(lane: Lane): void {
    lane.chunk = this.pace.paused ? null : (lane.group.waiting.shift() ?? null);
    lane.beside = this.costs.chunks;
  }

  private copy(lane: Lane, atWork: number): void {
    const { together = Math.sqrt, bytesTogether = (lanes: number) => lanes ** 0.2, speed = () => 1 } = this.simulation;
    const { rowsPerSecond } = this.pace;
    for (let time = STEP_MS; time > 0 && lane.chunk !== null;) {
      const beside = Math.min(lane.beside, time);
      lane.beside -= beside;
      time -= beside;
      const { table } = lane.chunk;
      const rowMs = (this.costs.rows * atWork) / together(atWork);
      const byteMs = (this.costs.bytes * atWork) / bytesTogether(atWork);
      const cost = ((rowMs + byteMs * table.rowBytes) * (table.weight ?? 1)) / speed(this.now);
      const limit = rowsPerSecond === 0 ? 0 : (1_000 * atWork) / rowsPerSecond;
      const perRow = Math.max(cost, limit) * (0.8 + 0.4 * this.simulation.random());
      const rows = Math.min(lane.chunk.left, time / perRow);
      lane.chunk.left -= rows;
      time -= rows * perRow;
      if (lane.chunk.left > 1e-6) break;
      lane.chunk.left = 0;
      this.claim(lane);
    }
    if (this.now < lane.tellAt) return;
    lane.tellAt += TELL_MS;
    lane.told = lane.chunk === null ? null : { chunk: lane.chunk, rows: lane.chunk.rows - lane.chunk.left };
  }

  private read(): void {
    this.readings += 1;
    this.course = withReading(this.course, this.now, this.told(), this.under);
    this.under = this.pace;
    const moment = {
      elapsedMs: this.now,
      settledMs: this.now - this.settledAt,
      leftMs: this.pace.paused ? Infinity : timeLeft(this.course, this.pace.rowsPerSecond),
      tables: this.byName.size,
    };
    this.readAt = this.now + untilNextReading(moment) + 50 + 100 * this.simulation.random();
  }

  /** What is committed, and what lanes said last that they have in hand. */
  private told(): TableReading[] {
    const inHand = this.running.flatMap(({ lanes }) => lanes ?? []).flatMap(({ told }) => told ?? []);
    return [...this.chunks].map(([table, own]) => {
      const done = own.filter(({ left }) => left === 0);
      const hands = inHand.filter(({ chunk }) => chunk.table.name === table && chunk.left > 0);
      const rows = [...done, ...hands].reduce((sum, part) => sum + Math.floor(part.rows), 0);
      const rowBytes = this.byName.get(table)?.rowBytes ?? 0;
      return { table, rows, bytes: rows * rowBytes, chunksDone: done.length, chunks: own.length };
    });
  }
}

/**
 * The share of answers after the first tenth, and after a moment, that are off by more than a fifth of what is left, or
 * than a second near the end. Answers are whole seconds.
 */
export function shareOff(answers: readonly Answer[], after = 0): number {
  const judged = answers.filter(({ at, etaMs, gone }) => at >= after && etaMs !== null && gone >= 0.1);
  const off = judged.filter(
    ({ etaMs, trueMs }) => Math.abs((etaMs ?? 0) - trueMs) > Math.max(0.2 * trueMs, 1_000) + 500,
  );
  return judged.length === 0 ? 1 : off.length / judged.length;
}
