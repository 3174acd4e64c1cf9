import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { URLS_FILE } from '../../scripts/workerRecord';
import { findSecrets, passwordsOf, plainText, recordsIn } from '../helpers/secretSearch';

const PASSWORD = 'f00d/Café+7 9:x?z';
const around = (text: string): Buffer => Buffer.from(`before ${text} behind`);

test.each<[string, Buffer]>([
  ['as it is', around(PASSWORD)],
  ['percent-encoded', around(encodeURIComponent(PASSWORD))],
  ['in base64', around(Buffer.from(PASSWORD).toString('base64'))],
  ['in base64, one character after something else', around(Buffer.from(`x${PASSWORD}y`).toString('base64'))],
  ['in base64, two characters after something else', around(Buffer.from(`{"${PASSWORD}"}`).toString('base64'))],
  ['in base64 for URLs', around(Buffer.from(PASSWORD).toString('base64url'))],
  ['as UTF-16', Buffer.from(`before ${PASSWORD} behind`, 'utf16le')],
  ['as hexadecimal', around(Buffer.from(PASSWORD).toString('hex'))],
])('a password is found %s, and is not told', (_how, content) => {
  const found = findSecrets([PASSWORD], [{ name: 'the log', content }]);
  expect(found).toEqual(['the log: the password f00d…']);
});

test('where there is none, none is found', () => {
  expect(findSecrets([PASSWORD], [{ name: 'the log', content: around('another word') }])).toEqual([]);
});

test("a password is found in a payload of a history, in a failure's message and in a memo", () => {
  const payload = {
    metadata: { encoding: Buffer.from('json/plain') },
    data: Buffer.from(JSON.stringify({ a: [PASSWORD] })),
  };
  const messages = [
    { events: [{ startedAttributes: { input: { payloads: [payload] } } }] },
    { events: [{ failedAttributes: { failure: { cause: { message: `login with ${PASSWORD}` } } } }] },
    { memo: { fields: { note: payload } } },
    { events: [{ attributes: { [PASSWORD]: 1 } }] },
  ];
  for (const message of messages) {
    expect(findSecrets([PASSWORD], [{ name: 'history', content: plainText(message) }])).toHaveLength(1);
  }
});

test('the passwords are those of the URLs that workers were given, and every file of theirs is searched', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'temporal-migrate-test-'));
  try {
    const url = `mysql://admin:${encodeURIComponent(PASSWORD)}@127.0.0.1/shop`;
    expect(passwordsOf([url, url, 'words', 'mysql://u:short@h/d'])).toEqual([PASSWORD]);
    await writeFile(join(folder, URLS_FILE), `${url}\n`);
    for (const name of ['worker-1.log', 'worker-1.metrics', 'worker-1.cmdline', 'report.html']) {
      await writeFile(join(folder, name), `a page with ${PASSWORD} in it`);
      const { passwords, searched } = await recordsIn(folder);
      expect(findSecrets(passwords, searched)).toEqual([expect.stringContaining(name)]);
      await rm(join(folder, name));
    }
  } finally {
    await rm(folder, { recursive: true });
  }
});
