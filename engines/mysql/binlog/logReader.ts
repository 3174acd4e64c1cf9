import type { LogPlace } from '../../../domain/position';
import { crc32 } from './crc32';
import { hasChecksums } from './format';
import { CHECKSUM_BYTES, EVENT, HEADER_BYTES, readHeader, type EventHeader } from './header';
import { unreadable } from './layout';
import type { Wait } from './repeat';

/** What is done with the events. */
export interface EventHandler {
  /** An event's body lies between `start` and `end`; the event itself begins at a place of the log. */
  event(header: EventHeader, bytes: Buffer, start: number, end: number, startsAt: LogPlace): Wait;
  idle(): Wait;
}

const WRAP = 2 ** 32;

/** Takes events as the server sends them: checks each one's checksum, and keeps account of files and offsets. */
export class LogReader {
  private file = '';
  private offset = 0;

  /** Whether events have checksums before the first one says so. */
  checksums = false;

  constructor(private readonly handler: EventHandler) {}

  /** How far the log has been read. */
  get place(): LogPlace {
    return { file: this.file, offset: this.offset };
  }

  /** Takes one event, header and all. Errors: LOG_UNREADABLE when it is damaged. */
  receive(bytes: Buffer, start: number, end: number): Wait {
    const header = readHeader(bytes, start);
    const isFormat = header.type === EVENT.format;
    const hasChecksum = isFormat ? hasChecksums(bytes, end) : this.checksums;
    const bodyEnd = hasChecksum ? end - CHECKSUM_BYTES : end;
    if (hasChecksum && crc32(bytes, start, bodyEnd) !== bytes.readUInt32LE(bodyEnd)) this.checkFailed(header);
    const bodyStart = start + HEADER_BYTES;
    switch (header.type) {
      case EVENT.rotate:
        this.file = bytes.toString('utf8', bodyStart + 8, bodyEnd);
        this.offset = Number(bytes.readBigUInt64LE(bodyStart));
        return null;
      case EVENT.format:
        this.checksums = hasChecksum;
        this.pass(header);
        return null;
      case EVENT.heartbeat:
      case EVENT.heartbeatV2:
        return this.handler.idle();
      default: {
        this.pass(header);
        const startsAt = { file: this.file, offset: this.offset - header.size };
        return this.handler.event(header, bytes, bodyStart, bodyEnd, startsAt);
      }
    }
  }

  /** Files may be longer than the 32 bits tell in which an event says where it ends. */
  private pass({ endsAt, artificial }: EventHeader): void {
    if (endsAt === 0 || artificial) return;
    const low = this.offset % WRAP;
    this.offset += endsAt - low + (endsAt < low ? WRAP : 0);
  }

  private checkFailed({ type }: EventHeader): never {
    throw unreadable(
      'the log',
      `is damaged: the checksum of an event (type ${type}) in ${this.file} behind ${this.offset} is wrong`,
    );
  }
}
