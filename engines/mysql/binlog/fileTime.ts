import type { DatabaseSettings } from '../../../domain/connection';
import { openSession } from '../connection';
import { dumpFrom } from './commands';
import { readHeader } from './header';
import { LogConnection } from './logConnection';
import { prepareSession, readerId } from './logReading';
import type { LogPosition } from './progress';

const FIRST_EVENT = 4;

/**
 * When a file of the log was begun, in epoch seconds of the server's clock: the time of its first event, which no
 * statement shows. Reads that one event over a connection of its own.
 */
export async function fileTime(settings: DatabaseSettings, file: string): Promise<number> {
  await using session = await openSession(settings);
  const from: LogPosition = { kind: 'binlogFile', server: '', file, offset: String(FIRST_EVENT) };
  await prepareSession(session, from);
  let time = 0;
  const connection: LogConnection = new LogConnection(session, {
    receive: (bytes, start) => {
      // What the server makes up for the connection has no time.
      time = readHeader(bytes, start).timestamp;
      if (time > 0) connection.stop();
      return null;
    },
  });
  await connection.run(dumpFrom({ file, offset: FIRST_EVENT }, readerId()), NEVER);
  return time;
}

const NEVER = new AbortController().signal;
