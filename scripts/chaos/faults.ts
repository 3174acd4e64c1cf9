import { setTimeout as wait } from 'node:timers/promises';
import type { RunningServer } from '../servers';
import { say } from '../servers/run';
import { Chance } from './chance';
import { openSide, type Side } from './side';
import type { ChaosStage } from './stage';

export type Victim =
  'worker' | 'temporal' | 'source' | 'target' | 'sourceNetwork' | 'targetNetwork' | 'temporalNetwork';

/** How often each is chosen. */
const VICTIMS: readonly Victim[] = [
  ...(['worker', 'worker', 'worker', 'temporal', 'source', 'source', 'target', 'target'] as const),
  ...(['sourceNetwork', 'targetNetwork', 'temporalNetwork'] as const),
];
/** Between the end of one outage and the next one. */
const [LEAST_REST_MS, MOST_REST_MS] = [3_000, 11_000];
const MOST_OUTAGE_MS = 2_500;
/** The freeze takes a second or so: a fault that is to meet it comes within this. */
const AIMED_MS = 700;
const LOOK_MS = 40;

/** Something dies every few seconds, as the seed has it; and more often while a cutover is under way. */
export class Faults {
  readonly count: Record<Victim, number> = {
    worker: 0,
    temporal: 0,
    source: 0,
    target: 0,
    sourceNetwork: 0,
    targetNetwork: 0,
    temporalNetwork: 0,
  };
  /** Of all, those that were aimed at a freeze or what follows it. */
  aimed = 0;
  readonly log: string[] = [];
  private readonly closing = new AbortController();
  private readonly ended: Promise<unknown>;
  private readonly chance: Chance;
  private aim: () => void = () => undefined;

  constructor(
    private readonly stage: ChaosStage,
    seed: number,
  ) {
    this.chance = new Chance(seed);
    this.ended = Promise.all([this.strike(), this.watch()]);
  }

  get total(): number {
    return Object.values(this.count).reduce((sum, count) => sum + count, 0);
  }

  /** Nothing dies any more, and everything is up, once this resolves. */
  async end(): Promise<void> {
    this.closing.abort();
    this.aim();
    await this.ended;
  }

  private get isOver(): boolean {
    return this.closing.signal.aborted;
  }

  private async strike(): Promise<void> {
    while (!this.isOver) {
      const rest = this.chance.between(LEAST_REST_MS, MOST_REST_MS);
      const isAimed = await this.restOrAim(rest);
      if (this.closing.signal.aborted) return;
      if (isAimed) {
        this.aimed += 1;
        await wait(this.chance.between(0, AIMED_MS));
      }
      const victim = this.chance.of(VICTIMS) ?? 'worker';
      const outage = this.chance.between(0, MOST_OUTAGE_MS);
      const line = `${new Date().toISOString()} ${victim}${isAimed ? ', aimed' : ''}, away for ${Math.round(outage)} ms`;
      this.log.push(line);
      say(`chaos: ${line}`);
      this.count[victim] += 1;
      await this.hit(victim, outage);
    }
  }

  private async hit(victim: Victim, outage: number): Promise<void> {
    const { source, target, temporal, worker, networks } = this.stage;
    const [toSource, toTarget, toTemporal] = networks;
    const crash = async (server: RunningServer): Promise<void> => {
      await server.kill();
      await wait(outage);
      await server.start();
    };
    const cut = async (network = networks[0]): Promise<void> => {
      network?.cut();
      await wait(outage);
      network?.mend();
    };
    switch (victim) {
      case 'worker':
        return worker.killAndWait(this.closing.signal);
      case 'temporal':
        return crash(temporal);
      case 'source':
        return crash(source);
      case 'target':
        return crash(target);
      case 'sourceNetwork':
        return cut(toSource);
      case 'targetNetwork':
        return cut(toTarget);
      case 'temporalNetwork':
        return cut(toTemporal);
    }
  }

  /** Whether there is something to aim at before the time is up. */
  private async restOrAim(ms: number): Promise<boolean> {
    const timer = new AbortController();
    const aimed = new Promise<boolean>((resolve) => (this.aim = () => resolve(true)));
    const rested = wait(ms, false, { signal: timer.signal }).catch(() => false);
    const answer = await Promise.race([aimed, rested]);
    timer.abort();
    return answer;
  }

  /** Sees the run's state change on the target, and has half of these changes met by a fault. */
  private async watch(): Promise<void> {
    const chance = new Chance(this.chance.below(2 ** 31));
    let side: Side | null = null;
    let state = '';
    while (!this.isOver) {
      try {
        side ??= await openSide(this.stage.targetUrl);
        const [row] = await side.query('SELECT state FROM temporal_migrate.runs');
        const now = typeof row?.[0] === 'string' ? row[0] : '';
        if (now !== state && (now === 'frozen' || now === 'committed') && chance.below(2) === 0) this.aim();
        state = now;
      } catch {
        // It is one of those that die.
        await side?.end();
        side = null;
      }
      await wait(LOOK_MS);
    }
    await side?.end();
  }
}
