import { connect, type Socket } from 'node:net';
import { MigrationError } from '../../domain/errors';

/** An answer takes a millisecond; a process that is suspended, or a network that swallows, must not hold a step for ever. */
const ANSWER_MS = 5_000;

/** Where HAProxy's runtime API listens. */
export interface RuntimeApi {
  /** The path of a UNIX socket, or `host:port`; one that the worker allows. */
  readonly socket: string;
  readonly signal: AbortSignal;
}

/**
 * Says one line to HAProxy's runtime API, perhaps of several commands with semicolons between, and answers what it says.
 * Nothing but names that HAProxy admits may be put in. Errors: SWITCH_FAILED when it cannot be reached, is silent for
 * five seconds, or refuses the line for lack of rights.
 */
export async function ask(
  { socket, signal }: RuntimeApi,
  line: string,
  patienceMs: number = ANSWER_MS,
): Promise<string> {
  signal.throwIfAborted();
  const answer = await exchange(socket, line, AbortSignal.any([signal, AbortSignal.timeout(patienceMs)])).catch(
    (error: unknown) => {
      signal.throwIfAborted();
      const { name, message } = error as Error;
      const reason = name === 'TimeoutError' ? `it said nothing for ${patienceMs / 1_000} s` : message;
      throw new MigrationError('SWITCH_FAILED', `HAProxy's runtime API at ${socket} does not answer: ${reason}`);
    },
  );
  if (/^Permission denied/m.test(answer)) {
    throw new MigrationError('SWITCH_FAILED', `HAProxy at ${socket} refuses "${line}": ${LEVEL}`);
  }
  return answer;
}

/** HAProxy ends the connection behind its answer. Rejects with the signal's reason, or the system's error. */
function exchange(socket: string, line: string, signal: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const connection = open(socket);
    const giveUp = (): void => {
      connection.destroy(signal.reason as Error);
    };
    signal.addEventListener('abort', giveUp, { once: true });
    let answer = '';
    connection.setEncoding('utf8').on('data', (part: string) => (answer += part));
    connection.once('error', reject);
    connection.once('end', () => resolve(answer.trim()));
    connection.once('close', () => signal.removeEventListener('abort', giveUp));
    connection.end(`${line}\n`);
  });
}

/** What to do about a socket that may not change anything. */
export const LEVEL = 'give its "stats socket" line in the configuration "level admin", and reload HAProxy';

function open(socket: string): Socket {
  const address = /^\[?([^/]+?)\]?:(\d+)$/.exec(socket);
  if (address === null) return connect({ path: socket });
  return connect({ host: address[1] ?? '', port: Number(address[2]) });
}
