import { MigrationError } from '../../domain/errors';
import { ask, type RuntimeApi } from './runtimeApi';

/** A server of a backend, as HAProxy sees it. */
export interface ProxiedServer {
  readonly name: string;
  /** Whether somebody, or the configuration, keeps requests from it; `drain` lets those through that are pinned to it. */
  readonly admin: 'ready' | 'drain' | 'maint';
  /** Whether it could be given requests, were it ready. */
  readonly running: boolean;
  /** Gets requests only when no other server of the backend can. */
  readonly backup: boolean;
  /** Requests and connections that it has in hand. */
  readonly sessions: number;
  /** Null where the configuration has no health check for it. In maintenance nothing is checked, and nothing is said. */
  readonly check: HealthCheck | null;
}

export interface HealthCheck {
  /** Whether the last check, made since it left maintenance, was passed and none is doubted. */
  readonly passed: boolean;
  /** In HAProxy's words: `L7OK 200`, `L4CON`; empty before the first one. */
  readonly said: string;
}

/** Bits of srv_admin_state: by whoever said so last, by a server that is tracked, by a name that is lost. */
const MAINT = 0x01 | 0x02 | 0x20 | 0x40;
const DRAIN = 0x08 | 0x10;
/** srv_op_state: stopped is 0. Beyond it a server runs, is starting, or is ending. */
const STOPPED = 0;
/** The bit of srv_check_state that says that there is a check, whether or not it is made at present. */
const CONFIGURED = 0x02;

/** The servers of a backend by name. Errors: SWITCH_FAILED, as `ask`, and when there is no such backend. */
export async function readBackend(api: RuntimeApi, backend: string): Promise<ReadonlyMap<string, ProxiedServer>> {
  const states = readStates(await ask(api, `show servers state ${backend}`));
  if (states === null)
    throw new MigrationError('SWITCH_FAILED', `HAProxy at ${api.socket} has no backend "${backend}"`);
  // 4 stands for servers, -1 for all of them.
  const statistics = readStatistics(await ask(api, `show stat ${backend} 4 -1`));
  return new Map(
    [...states].map(([name, state]) => {
      const figures = statistics.get(name) ?? {};
      return [name, asServer(name, state, figures)];
    }),
  );
}

type Row = Readonly<Record<string, string>>;

function asServer(name: string, state: Row, figures: Row): ProxiedServer {
  const bits = Number(state['srv_admin_state']);
  return {
    name,
    admin: (bits & MAINT) !== 0 ? 'maint' : (bits & DRAIN) !== 0 ? 'drain' : 'ready',
    running: Number(state['srv_op_state']) !== STOPPED,
    backup: figures['bck'] === '1',
    sessions: Number(figures['scur'] ?? 0),
    check: (Number(state['srv_check_state']) & CONFIGURED) === 0 ? null : checkOf(figures),
  };
}

/** A server that leaves maintenance is given the health of one that has just come up; the first check that passes makes it whole. */
function checkOf(figures: Row): HealthCheck {
  const status = figures['check_status'] ?? '';
  const [health, rise, fall] = ['check_health', 'check_rise', 'check_fall'].map((name) => Number(figures[name]));
  const passed = /^\*? ?L\dOK/.test(status) && (health ?? 0) >= (rise ?? 1) + (fall ?? 1) - 1;
  return { passed, said: [status, figures['check_code']].join(' ').trim() };
}

/** Lines of words under a head that begins with `#`, behind the format's number; null for an error instead. */
function readStates(answer: string): ReadonlyMap<string, Row> | null {
  const [version, head, ...lines] = answer.split('\n');
  if (version?.trim() !== '1' || head?.startsWith('# ') !== true) return null;
  const names = head.slice(2).split(' ');
  return byName(
    'srv_name',
    names,
    lines.map((line) => line.split(' ')),
  );
}

/** CSV whose head begins with `#`; only the last columns, which are not read, may hold commas. */
function readStatistics(answer: string): ReadonlyMap<string, Row> {
  const [head = '', ...lines] = answer.split('\n');
  return byName(
    'svname',
    head.replace(/^# /, '').split(','),
    lines.map((line) => line.split(',')),
  );
}

function byName(key: string, names: readonly string[], lines: readonly string[][]): ReadonlyMap<string, Row> {
  const rows = lines.map((cells) => Object.fromEntries(names.map((name, index) => [name, cells[index] ?? ''])));
  return new Map(rows.map((row) => [row[key] ?? '', row]));
}
