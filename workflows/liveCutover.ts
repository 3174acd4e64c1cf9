import { assert } from '../domain/errors';
import { long, quick, streaming } from './activityProxies';
import type { Compensations } from './compensations';
import { freezeSource, unfreezeLater } from './freezeSource';
import { resumed } from './hold';
import { holdTraffic } from './holdTraffic';
import { allTables, workOn, type Migration } from './migration';
import { hasWayBack, reverseWork } from './wayBack';

/** Compares what has been changed since the last comparison, so that little is left for the freeze. */
export async function settleChanges(migration: Migration): Promise<void> {
  const { compared } = migration;
  assert(compared, 'a live cutover comes after a comparison');
  const settled = await streaming.settleChanges.executeWithOptions({ summary: 'Compare what was changed since' }, [
    { ...workOn(migration, allTables(migration)), from: compared.upTo },
  ]);
  migration.compared = { ...compared, upTo: settled.upTo };
}

/** Everything of the way back that takes time, before anybody is stopped. */
export async function prepareWayBack(migration: Migration, undo: Compensations): Promise<void> {
  if (!hasWayBack(migration.input)) return;
  // While it is not used, the target would keep its log for it.
  undo.register('end the way back', () =>
    long.dropWayBack.executeWithOptions({ summary: 'End the way back' }, [reverseWork(migration)]),
  );
  await long.prepareWayBack.executeWithOptions({ summary: 'Prepare the way back' }, [reverseWork(migration)]);
}

/** From the freeze to the commit point: the stream ends with the last write, and what it brought last is compared. */
export async function freezeAndHandOver(migration: Migration, undo: Compensations): Promise<void> {
  const { record, input, run, epoch, stream, compared } = migration;
  assert(compared, 'a live cutover comes after a comparison');
  undo.register('let the stream go on', () => {
    stream.release();
    return Promise.resolve();
  });
  undo.register('remove what the cutover made', () =>
    long.undoCutover.executeWithOptions({ summary: 'Remove the foreign keys: the stream goes on' }, [run]),
  );
  for (const step of input.cutover.switch.filter(({ kind }) => kind === 'haproxy')) {
    undo.register('let requests go on', () =>
      long.undoSwitch.executeWithOptions({ summary: 'Let requests go on to the source' }, [run, step]),
    );
  }
  unfreezeLater(migration, undo);
  await resumed(migration);
  await holdTraffic(migration, 'target');
  const freeze = await freezeSource(migration);
  stream.hold();
  const handedOver = await streaming.handOver.executeWithOptions({ summary: 'Apply and compare the last changes' }, [
    {
      ...workOn(migration, allTables(migration)),
      from: compared.upTo,
      freeze,
      filter: input.tables,
      allowedRowDifference: input.verify.allowedRowDifference,
      reverse: hasWayBack(input) ? reverseWork(migration) : null,
    },
  ]);
  for (const table of handedOver.tables) record.verified.set(table.name, table);
  const { horizon } = await quick.commitCutover.executeWithOptions(
    { summary: 'Commit point: from here on the target is the truth' },
    [{ run, epoch, freeze }],
  );
  record.horizon = horizon;
  stream.end();
}
