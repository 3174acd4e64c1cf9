import { HeldBuilds } from '../../helpers/faultsHold';
import { FaultStage } from '../../helpers/faultsStage';
import { stories } from '../../helpers/faultsStories';
import type { Fault } from '../../helpers/faultsSupervisor';

/** One migration, whose workers are killed one after the other, each at its point. */
const killedAt =
  (...points: Fault['at'][]) =>
  async (stage: FaultStage): Promise<void> => {
    const migration = await stage.migrate({ faults: points.map((at) => ({ at })) });
    const result = await migration.toTheEnd();
    expect(migration.supervisor.hits).toEqual(points);
    expect(migration.supervisor.deaths).toBe(points.length);
    // A crash is no failure: no cutover was sent back, and no row copied a second time.
    expect(result.phases.find(({ name }) => name === 'cutover')?.attempts).toBe(1);
  };

describe('nothing is lost or doubled, and the migration goes on by itself, when workers are killed', () => {
  stories(() => FaultStage.open({ readOnly: true }), {
    'before a claim, behind it, and amid a COPY': killedAt('copy.beforeClaim', 'copy.afterClaim', 'copy.midway'),

    'before a chunk commits, behind its commit, and behind a build step': killedAt(
      'copy.beforeCommit',
      'copy.afterCommit',
      'build.afterStep',
    ),

    'amid the build of a primary key, a unique key, an index, and a foreign key': async (stage) => {
      // Each table is built by itself, so that none holds up another.
      const migration = await stage.migrate({ copy: { parallelism: 4 } });
      await migration.run.until('asks for approval', ({ waitingFor }) => waitingFor === 'approval');
      await using builds = await HeldBuilds.on(migration.targetUrl);
      await migration.run.approve();
      for (const kind of ['primaryKey', 'unique', 'index', 'foreignKey'] as const) {
        await builds.amid(kind, () => migration.supervisor.worker.kill());
        await builds.release(kind);
      }
      await migration.fromApprovalToTheEnd();
      expect(migration.supervisor.deaths).toBe(4);
    },

    // A freeze stops the whole server: this one is the story's own.
    'before and behind the freeze of a source that was writable': async () => {
      await using stage = await FaultStage.open({});
      await killedAt('freeze.recorded', 'freeze.frozen')(stage);
    },

    'in verification, on both sides of the commit point, and at the switch': killedAt(
      'verify.afterPart',
      'commit.checked',
      'commit.decided',
      'switch.applied',
    ),
  });
});
