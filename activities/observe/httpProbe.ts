import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { z } from 'zod';
import type { SelfReport } from '../../domain/observe/observation';

/** Slower answers are errors: nobody waits for them. */
export const TIME_LIMIT_MS = 5_000;
/** A longer answer is read, and not looked into. */
const MOST_BODY_BYTES = 65_536;

const count = z.number().int().min(0).max(1_000_000);
const selfReportSchema = z.object({
  critical: count.default(0),
  validationFailures: count.default(0),
  checks: count.default(0),
});

export interface ProbeAnswer {
  readonly ms: number;
  /** Why it counts as an error; null for an answer of 2xx or 3xx. */
  readonly error: string | null;
  readonly report: SelfReport | null;
}

/**
 * Asks the application once, on a connection of its own, as a new user would: one that is kept open would stay with the
 * instance it was made to. Never throws: what cannot be asked is an error of the application, for it cannot be told from one.
 */
export async function probeApplication(url: URL, signal: AbortSignal): Promise<ProbeAnswer> {
  const startedAt = performance.now();
  const overdue = AbortSignal.timeout(TIME_LIMIT_MS);
  const took = (): number => performance.now() - startedAt;
  try {
    const { status, body } = await get(url, AbortSignal.any([signal, overdue]));
    const error = status >= 200 && status < 400 ? null : `it answered ${status}`;
    return { ms: took(), error, report: reportIn(body) };
  } catch (error) {
    const reason = overdue.aborted
      ? `it did not answer within ${TIME_LIMIT_MS / 1_000} s`
      : `it cannot be reached: ${codeOf(error)}`;
    return { ms: took(), error: reason, report: null };
  }
}

function get(url: URL, signal: AbortSignal): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const request = url.protocol === 'https:' ? requestHttps : requestHttp;
    const options = {
      agent: false as const,
      signal,
      headers: { accept: 'application/json, */*', 'user-agent': 'temporal-migrate' },
    };
    const asked = request(url, options, (response) => {
      readBody(response).then((body) => resolve({ status: response.statusCode ?? 0, body }), reject);
    });
    asked.on('error', reject);
    asked.end();
  });
}

async function readBody(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes <= MOST_BODY_BYTES) chunks.push(chunk);
  }
  const isJson = /\bjson\b/.test(response.headers['content-type'] ?? '');
  return isJson && bytes <= MOST_BODY_BYTES ? Buffer.concat(chunks).toString('utf8') : '';
}

/** What the application says of itself; null where it says nothing of the kind. */
function reportIn(body: string): SelfReport | null {
  if (body === '') return null;
  try {
    const parsed = selfReportSchema.safeParse(JSON.parse(body));
    return parsed.success ? parsed.data : null;
  } catch {
    return null;
  }
}

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no reason given';
  return 'code' in error ? String(error.code) : error.message;
}
