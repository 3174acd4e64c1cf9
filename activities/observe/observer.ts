import { setTimeout as wait } from 'node:timers/promises';
import type { ObserveRequest } from '../../domain/activityMessages';
import { judge } from '../../domain/observe/judge';
import { withAnswer, withChecks, withIssue, withPing, type ObservationTotals } from '../../domain/observe/observation';
import type { WorkerEnvironment } from '../environment';
import { allowedUrl } from '../allowed';
import { probeApplication } from './httpProbe';
import { DatabaseLooks } from './lookAtDatabases';

const PROBE_EVERY_MS = 500;
const LOOK_EVERY_MS = 2_000;

/** Probes and looks until the window is over, a threshold is crossed, or the run is no longer live. */
export class Observer {
  private readonly stop = new AbortController();
  private readonly signal: AbortSignal;
  private readonly beganAt = performance.now();
  private readonly observedBefore: number;

  constructor(
    private readonly environment: WorkerEnvironment,
    private readonly request: ObserveRequest,
    private totals: ObservationTotals,
    signal: AbortSignal,
    private readonly show: (totals: ObservationTotals) => void,
  ) {
    this.observedBefore = totals.observedMs;
    this.signal = AbortSignal.any([signal, this.stop.signal]);
  }

  async observe(): Promise<ObservationTotals> {
    const left = Math.max(0, this.request.untilMs - this.observedBefore);
    const over = setTimeout(() => this.stop.abort(), left);
    try {
      await Promise.all([this.probing(), this.looking()]);
    } finally {
      clearTimeout(over);
      this.stop.abort();
    }
    this.note((totals) => totals);
    return this.totals;
  }

  /** Probes begin at their times, whether or not those before have been answered. */
  private async probing(): Promise<void> {
    const { probeUrl } = this.request;
    if (probeUrl === null) return;
    const url = allowedUrl(this.environment, probeUrl);
    const underWay = new Set<Promise<void>>();
    while (!this.signal.aborted) {
      const probe = this.probe(url).finally(() => underWay.delete(probe));
      underWay.add(probe);
      await this.pause(PROBE_EVERY_MS);
    }
    await Promise.all(underWay);
  }

  private async probe(url: URL): Promise<void> {
    const answer = await probeApplication(url, this.signal);
    // One that the end of the window cut off has not failed.
    if (!this.signal.aborted) this.note((totals) => withAnswer(totals, answer));
  }

  private isOver(): boolean {
    return this.signal.aborted;
  }

  private async looking(): Promise<void> {
    await using looks = new DatabaseLooks(this.environment, this.request, this.signal);
    while (!this.isOver()) {
      const look = await looks.look(this.totals.rounds);
      if (!look.live) this.stop.abort();
      if (this.isOver()) return;
      this.note((totals) => {
        const silent = totals.sourceSilent + (look.sourceAnswered ? 0 : 1);
        let noted = withChecks({ ...totals, rounds: totals.rounds + 1, sourceSilent: silent }, look.checks);
        if (look.pingMs !== null) noted = withPing(noted, look.pingMs);
        for (const issue of look.issues) noted = withIssue(noted, issue);
        return noted;
      });
      await this.pause(LOOK_EVERY_MS);
    }
  }

  private note(change: (totals: ObservationTotals) => ObservationTotals): void {
    const observedMs = Math.min(this.request.untilMs, this.observedBefore + (performance.now() - this.beganAt));
    this.totals = { ...change(this.totals), observedMs: Math.max(this.observedBefore, Math.round(observedMs)) };
    this.show(this.totals);
    if (judge(this.totals, this.request.baseline, this.request.thresholds) !== null) this.stop.abort();
  }

  private async pause(ms: number): Promise<void> {
    await wait(ms, undefined, { signal: this.signal }).catch(() => undefined);
  }
}
