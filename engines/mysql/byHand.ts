import { givingBack, readAccountsFound, type Taking } from '../../domain/freeze';
import type { UndoByHand } from '../engine';
import { isFrozen, settingBack, type FreezeSettings } from './freeze';

/** What undoes a freeze that found this, as a person would run it. A source found read-only is left alone. */
export function unfreezeByHand(found: FreezeSettings): UndoByHand[] {
  const accounts = readAccountsFound(found);
  if (accounts !== null) return accounts.takings.map(ofTaking);
  if (isFrozen(found)) return [];
  return [{ kind: 'setting', name: Object.keys(found).sort().join(', '), undo: settingBack(found) }];
}

function ofTaking(taking: Taking): UndoByHand {
  const undo = givingBack(taking);
  return taking.how === 'lock'
    ? { kind: 'lock', name: taking.account, undo }
    : { kind: 'revoke', name: `${taking.account} on ${taking.on}`, undo };
}
