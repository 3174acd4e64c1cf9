import type { ValuePolicies } from '../../../domain/plan';
import { RejectedValue } from '../../engine';
import { byteAt, writeHalves, writeNull, type CopyBuffer } from '../copyBuffer';
import { malformed, small, type CellEncoder, type EncodeCell } from './encoder';

const ZERO = 0x30;
const MINUS = 0x2d;
const POINT = 0x2e;
const COLON = 0x3a;
const DAY_SECONDS = 86_400;
/** `YYYY-MM-DD` */
const DATE_LENGTH = 10;
/** `HH:MM:SS` */
const CLOCK_LENGTH = 8;

/** Days before each month of a year that is no leap year. */
const DAYS_BEFORE = Int32Array.from([0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365]);
/** PostgreSQL counts dates and times from 2000-01-01. */
const EPOCH_DAY = daysInYearsBefore(2000);

/** Stands for a date that no calendar has because a part of it is zero. */
const ZERO_DATE = NaN;

function daysInYearsBefore(year: number): number {
  const past = year - 1;
  return past * 365 + Math.floor(past / 4) - Math.floor(past / 100) + Math.floor(past / 400);
}

function twoDigits(bytes: Buffer, at: number): number {
  const tens = byteAt(bytes, at) - ZERO;
  const ones = byteAt(bytes, at + 1) - ZERO;
  if (tens >>> 0 > 9 || ones >>> 0 > 9) throw malformed('a date or time');
  return tens * 10 + ones;
}

/** Days since 2000-01-01 of the date at `start`; ZERO_DATE for one with a zero year, month or day. */
function parseDate(bytes: Buffer, start: number): number {
  const year = twoDigits(bytes, start) * 100 + twoDigits(bytes, start + 2);
  const month = twoDigits(bytes, start + 5);
  const day = twoDigits(bytes, start + 8);
  if (byteAt(bytes, start + 4) !== MINUS || byteAt(bytes, start + 7) !== MINUS) throw malformed('a date');
  if (year === 0 || month === 0 || day === 0) return ZERO_DATE;
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const before = daysBefore(month);
  const length = daysBefore(month + 1) - before + (leap && month === 2 ? 1 : 0);
  if (month > 12 || day > length) throw new RejectedValue('the date is in no calendar');
  return daysInYearsBefore(year) + before + (leap && month > 2 ? 1 : 0) + day - 1 - EPOCH_DAY;
}

function daysBefore(month: number): number {
  return DAYS_BEFORE[month] ?? 0;
}

/** Seconds of the clock time `HH:MM:SS` at `at`. */
function parseClock(bytes: Buffer, at: number): number {
  return twoDigits(bytes, at) * 3600 + parseMinutes(bytes, at + 2);
}

/** Seconds of `:MM:SS` at `at`. */
function parseMinutes(bytes: Buffer, at: number): number {
  const minutes = twoDigits(bytes, at + 1);
  const seconds = twoDigits(bytes, at + 4);
  if (byteAt(bytes, at) !== COLON || byteAt(bytes, at + 3) !== COLON || minutes > 59 || seconds > 59) {
    throw malformed('a time');
  }
  return minutes * 60 + seconds;
}

/** Microseconds of `.f` with one to six digits at `at`, or of nothing; `step` is what the target's precision counts in. */
function parseFraction(bytes: Buffer, at: number, end: number, step: number): number {
  if (at === end) return 0;
  const places = end - at - 1;
  if (byteAt(bytes, at) !== POINT || places < 1 || places > 6) throw malformed('a time');
  let value = 0;
  for (let index = at + 1; index < end; index++) {
    const digit = byteAt(bytes, index) - ZERO;
    if (digit >>> 0 > 9) throw malformed('a time');
    value = value * 10 + digit;
  }
  const micros = value * stepOf(places);
  if (micros % step !== 0) throw new RejectedValue('the time has more fractional digits than the target column');
  return micros;
}

/** What the last of so many fractional digits counts, in microseconds. */
function stepOf(places: number): number {
  return STEPS[places] ?? 1;
}

const STEPS = [1_000_000, 100_000, 10_000, 1_000, 100, 10, 1];

/**
 * `seconds * 10^6 + micros` as the two halves of an int8, without a BigInt: the products of seconds = s1 * 2^16 + s0
 * stay safe integers for every year a date can have.
 */
function writeMicros(out: CopyBuffer, seconds: number, micros: number): void {
  const s1 = Math.floor(seconds / 65536);
  const upper = s1 * 1e6;
  const u1 = Math.floor(upper / 65536);
  const lowSum = (upper - u1 * 65536) * 65536 + (seconds - s1 * 65536) * 1e6 + micros;
  const carry = Math.floor(lowSum / 2 ** 32);
  writeHalves(out, u1 + carry, lowSum);
}

type ZeroDates = ValuePolicies['zeroDates'];

function writeZeroDate(out: CopyBuffer, policy: ZeroDates): void {
  if (policy === 'reject') throw new RejectedValue('the date has a zero year, month or day');
  writeNull(out);
}

/** int4: days since 2000-01-01. */
export function dateFromDate(zeroDates: ZeroDates): CellEncoder {
  return small(8, (out, { bytes }, start, end) => {
    if (end - start !== DATE_LENGTH) throw malformed('a date');
    writeDate(out, parseDate(bytes, start), zeroDates);
  });
}

function writeDate(out: CopyBuffer, days: number, zeroDates: ZeroDates): void {
  if (Number.isNaN(days)) {
    writeZeroDate(out, zeroDates);
    return;
  }
  out.view.setInt32(out.at, 4);
  out.view.setInt32(out.at + 4, days);
  out.at += 8;
}

/** int8: microseconds since 2000-01-01 00:00:00, which for an instant is in UTC. */
export function timestampFromTimestamp(zeroDates: ZeroDates, precision: number): CellEncoder {
  const step = stepOf(precision);
  return small(12, (out, { bytes }, start, end) => {
    const clock = start + DATE_LENGTH + 1;
    if (end < clock + CLOCK_LENGTH) throw malformed('a timestamp');
    const days = parseDate(bytes, start);
    if (Number.isNaN(days)) {
      writeZeroDate(out, zeroDates);
      return;
    }
    const seconds = parseClock(bytes, clock);
    if (seconds >= DAY_SECONDS) throw malformed('a timestamp');
    writeMicros(out, days * DAY_SECONDS + seconds, parseFraction(bytes, clock + CLOCK_LENGTH, end, step));
  });
}

/** Midnight of a date. */
export function timestampFromDate(zeroDates: ZeroDates): CellEncoder {
  return small(12, (out, { bytes }, start, end) => {
    if (end - start !== DATE_LENGTH) throw malformed('a date');
    const days = parseDate(bytes, start);
    if (Number.isNaN(days)) writeZeroDate(out, zeroDates);
    else writeMicros(out, days * DAY_SECONDS, 0);
  });
}

/** The date of a timestamp that is midnight; any other would lose its time. */
export function dateFromTimestamp(zeroDates: ZeroDates): CellEncoder {
  return small(8, (out, { bytes }, start, end) => {
    const clock = start + DATE_LENGTH + 1;
    if (end < clock + CLOCK_LENGTH) throw malformed('a timestamp');
    const time = parseClock(bytes, clock) + parseFraction(bytes, clock + CLOCK_LENGTH, end, 1);
    if (time !== 0) throw new RejectedValue('the timestamp is not at midnight, so it is no date');
    writeDate(out, parseDate(bytes, start), zeroDates);
  });
}

interface Span {
  /** -1 or 1. */
  sign: number;
  seconds: number;
  micros: number;
}

/** Reads `[-]H…H:MM:SS[.f]` into `span`, which is reused from cell to cell. */
function parseSpan(span: Span, bytes: Buffer, start: number, end: number, step: number): void {
  const negative = start < end && byteAt(bytes, start) === MINUS;
  let at = negative ? start + 1 : start;
  let hours = 0;
  for (; at < end && byteAt(bytes, at) !== COLON; at++) {
    const digit = byteAt(bytes, at) - ZERO;
    if (digit >>> 0 > 9 || hours > 99_999) throw malformed('a time');
    hours = hours * 10 + digit;
  }
  if (end - at < 6) throw malformed('a time');
  span.sign = negative ? -1 : 1;
  span.seconds = hours * 3600 + parseMinutes(bytes, at);
  span.micros = parseFraction(bytes, at + 6, end, step);
}

/** int8: microseconds since midnight, which may be the midnight at the day's end. */
export function timeFromTime(precision: number): CellEncoder {
  const step = stepOf(precision);
  const span: Span = { sign: 1, seconds: 0, micros: 0 };
  return small(12, (out, { bytes }, start, end) => {
    parseSpan(span, bytes, start, end, step);
    const micros = span.sign * (span.seconds * 1e6 + span.micros);
    if (micros < 0 || micros > DAY_SECONDS * 1e6)
      throw new RejectedValue('the time is not within 00:00:00 and 24:00:00');
    writeMicros(out, 0, micros);
  });
}

/** int8 microseconds, int4 days, int4 months: a span of hours is all microseconds, and prints as hours. */
export function intervalFromTime(precision: number): CellEncoder {
  const step = stepOf(precision);
  const span: Span = { sign: 1, seconds: 0, micros: 0 };
  const encode: EncodeCell = (out, { bytes }, start, end) => {
    parseSpan(span, bytes, start, end, step);
    writeMicros(out, span.sign * span.seconds, span.sign * span.micros);
    const { view, at } = out;
    view.setInt32(at - 12, 16);
    view.setInt32(at, 0);
    view.setInt32(at + 4, 0);
    out.at = at + 8;
  };
  return small(20, encode);
}
