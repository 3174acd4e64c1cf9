import { existsSync } from 'node:fs';
import { appendFile, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { RECORDS, URLS_FILE } from '../../scripts/workerRecord';
import { sharedServers } from './servers';

/** Shorter ones are words that occur anywhere; what the tests' servers are given is random and longer. */
const SHORTEST = 12;

/** The passwords of connection URLs, decoded. */
export function passwordsOf(urls: readonly string[]): string[] {
  const passwords = urls.flatMap((url) => (URL.canParse(url) ? [new URL(url).password] : []));
  return [...new Set(passwords.map(decoded))].filter((password) => password.length >= SHORTEST);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A test's broken encoding: nobody can have taken it for anything else than it is.
    return text;
  }
}

/** Every spelling in which a password could have been written down. */
export function spellingsOf(password: string): Buffer[] {
  const bytes = Buffer.from(password);
  const base64 = [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    // The first and the last character may hold bits of what is around.
    return text.slice(Math.ceil((offset * 8) / 6), -1);
  });
  const texts = [
    password,
    encodeURIComponent(password),
    JSON.stringify(password).slice(1, -1),
    bytes.toString('hex'),
    ...base64,
    ...base64.map((text) => text.replaceAll('+', '-').replaceAll('/', '_')),
  ];
  return [...new Set(texts)].map((text) => Buffer.from(text)).concat(Buffer.from(password, 'utf16le'));
}

/** What is looked through, and what it is called. */
export interface Searched {
  readonly name: string;
  readonly content: Buffer;
}

/** Where a password is; it is told by its first characters alone. */
export function findSecrets(passwords: readonly string[], searched: readonly Searched[]): string[] {
  const wanted = passwords.map((password) => ({ password, spellings: spellingsOf(password) }));
  return searched.flatMap(({ name, content }) =>
    wanted
      .filter(({ spellings }) => spellings.some((spelling) => content.includes(spelling)))
      .map(({ password }) => `${name}: the password ${password.slice(0, 4)}…`),
  );
}

/** A message of Temporal's, payloads and all, as one text in which payloads are as they were before their encoding. */
export function plainText(message: unknown): Buffer {
  const parts: Buffer[] = [];
  const places: unknown[] = [message];
  for (let place = places.pop(); place !== undefined; place = places.pop()) {
    if (place instanceof Uint8Array) parts.push(Buffer.from(place));
    else if (typeof place === 'string') parts.push(Buffer.from(place));
    else if (typeof place === 'object' && place !== null) {
      for (const [key, value] of Object.entries(place as Record<string, unknown>)) {
        parts.push(Buffer.from(key));
        if (value !== undefined) places.push(value);
      }
    }
  }
  return Buffer.concat(parts.flatMap((part) => [part, Buffer.from('\n')]));
}

/** What the workers of a run left behind: their logs, command lines, metrics and reports. */
export async function recordsIn(folder: string): Promise<{ passwords: string[]; searched: Searched[] }> {
  const file = join(folder, URLS_FILE);
  const urls = existsSync(file) ? (await readFile(file, 'utf8')).split('\n') : [];
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const searched = await Promise.all(
    paths.filter((path) => path !== file).map(async (path) => ({ name: path, content: await readFile(path) })),
  );
  return { passwords: passwordsOf(urls), searched };
}

/** Keeps the histories of a Temporal that a test has for itself, for the search at the end of the run. */
export async function keepHistories(address: string, folder = process.env[RECORDS]): Promise<void> {
  if (folder === undefined || address === sharedServers().temporalAddress) return;
  const file = join(folder, `histories-${address.replace(/\W/g, '-')}`);
  for await (const { name, content } of histories(address)) {
    await appendFile(file, Buffer.concat([Buffer.from(`${name}\n`), content]));
  }
}

/** Every workflow of a namespace: what is listed of it (memo, search attributes), and its whole history. */
export async function* histories(address: string, namespace = 'default'): AsyncGenerator<Searched> {
  const connection = await Connection.connect({ address });
  try {
    const { workflowService: service } = connection;
    let listed: Uint8Array | undefined;
    do {
      const page = await service.listWorkflowExecutions({ namespace, pageSize: 200, ...withToken(listed) });
      for (const info of page.executions) {
        const name = `workflow ${info.execution?.workflowId ?? ''} (${info.execution?.runId ?? ''})`;
        yield { name, content: plainText(info) };
        let told: Uint8Array | undefined;
        do {
          const part = await service.getWorkflowExecutionHistory({
            namespace,
            execution: info.execution ?? {},
            ...withToken(told),
          });
          yield { name, content: plainText(part.history) };
          told = part.nextPageToken;
        } while (told.length > 0);
      }
      listed = page.nextPageToken;
    } while (listed.length > 0);
  } finally {
    await connection.close();
  }
}

function withToken(nextPageToken: Uint8Array | undefined): { nextPageToken?: Uint8Array } {
  return nextPageToken === undefined ? {} : { nextPageToken };
}
