import { connect } from 'node:net';
import { readEnvironment } from '../../../activities/environment';
import { readBackend } from '../../../activities/haproxy/backend';
import { ask } from '../../../activities/haproxy/runtimeApi';
import { findInHaproxy } from '../../../activities/preflight/haproxy';
import { applyHaproxy, checkHaproxy, holdHaproxy, undoHaproxy } from '../../../activities/switchHaproxy';
import type { HaproxySwitch } from '../../../domain/input';
import { freePort } from '../../../scripts/servers/ports';
import { Proxied, Users, documentedConfiguration } from '../../helpers/deployments';
import { until } from '../../helpers/faultsUntil';

/** Never aborted. */
const { signal } = new AbortController();

let proxied: Proxied;
let step: HaproxySwitch;
let tcp: string;
beforeAll(async () => {
  tcp = `127.0.0.1:${await freePort()}`;
  proxied = await Proxied.open((old, fresh) =>
    [
      documentedConfiguration(old, fresh),
      'backend unheld',
      `  server old ${old.address}`,
      `  server new ${fresh.address} disabled`,
      'frontend unheld',
      '  bind unix@unheld.sock',
      '  default_backend unheld',
      'global',
      `  stats socket ipv4@${tcp} level admin`,
    ].join('\n'),
  );
  step = { kind: 'haproxy', socket: proxied.haproxy.socket, backend: 'app', source: 'old', target: 'new' };
});
afterAll(async () => proxied[Symbol.asyncDispose]());
beforeEach(async () => {
  proxied.fresh.healthy = true;
  proxied.old.healthy = true;
  await undoHaproxy(step, signal);
});

async function states(): Promise<Record<string, string>> {
  const servers = await readBackend({ socket: step.socket, signal }, step.backend);
  return Object.fromEntries([...servers.values()].map(({ name, admin }) => [name, admin]));
}

test('the switch and its undo show users no error, however often, and then all of them are on the right side', async () => {
  await using users = new Users(proxied);
  await users.goOn();
  expect(users.seen()).toEqual(['old']);
  for (let time = 0; time < 3; time += 1) {
    await applyHaproxy(step, signal);
    await applyHaproxy(step, signal);
    await checkHaproxy(step, 'target', signal);
    await expect(checkHaproxy(step, 'source', signal)).rejects.toMatchObject({ code: 'SWITCH_FAILED' });
    users.answers.length = 0;
    await users.goOn();
    // The first answers may be to requests of before.
    expect(users.answers.slice(8)).not.toContain('old');
    await undoHaproxy(step, signal);
    await undoHaproxy(step, signal);
    await checkHaproxy(step, 'source', signal);
    await users.goOn();
    expect(users.answers.at(-1)).toBe('old');
    expect(users.seen()).toEqual(['new', 'old']);
  }
});

test('what is under way ends where it began, before the side it is on is closed', async () => {
  const slow = proxied.ask(600);
  await until('it is under way', () => proxied.old.slowInHand === 1);
  await applyHaproxy(step, signal);
  expect(proxied.old.slowInHand).toBe(0);
  expect(await slow).toBe('old');
});

test('what does not end is ended when the patience is over, and may come in anew', async () => {
  const endless = proxied.ask(600_000);
  await until('it is under way', () => proxied.old.slowInHand === 1);
  await applyHaproxy(step, signal, 100);
  expect(await endless).not.toBe('old');
  expect(await proxied.ask()).toBe('new');
});

test('while traffic is held every request waits, and none is refused; apply and undo let all go at once', async () => {
  await using users = new Users(proxied);
  for (const side of ['target', 'source'] as const) {
    await undoHaproxy(step, signal);
    await users.goOn();
    const slow = proxied.ask(300);
    await until('it is under way', () => proxied.old.slowInHand === 1);
    expect(await holdHaproxy(step, 'target', signal)).toEqual({ held: true, sessionsLeft: 0 });
    expect(await slow).toBe('old');
    expect(await states()).toEqual({ old: 'maint', new: 'drain', hold: 'ready' });
    expect(await holdHaproxy(step, 'target', signal)).toEqual({ held: true, sessionsLeft: 0 });
    const held = Array.from({ length: 50 }, () => proxied.ask());
    users.answers.length = 0;
    const quiet = await Promise.race([
      ...held,
      new Promise((resolve) => setTimeout(resolve, 500, 'nobody was answered')),
    ]);
    expect(quiet).toBe('nobody was answered');
    expect(users.answers).toEqual([]);
    const letGoAt = performance.now();
    await (side === 'target' ? applyHaproxy(step, signal) : undoHaproxy(step, signal));
    const answer = side === 'target' ? 'new' : 'old';
    expect(new Set(await Promise.all(held))).toEqual(new Set([answer]));
    // Twice timeout connect, by which requests are tried again.
    expect(performance.now() - letGoAt).toBeLessThan(300);
    await users.goOn();
    expect(users.seen()).toEqual([answer]);
  }
});

test('a way back can be held, too, until the source takes writes again', async () => {
  await applyHaproxy(step, signal);
  await using users = new Users(proxied);
  await users.goOn();
  expect(await holdHaproxy(step, 'source', signal)).toEqual({ held: true, sessionsLeft: 0 });
  expect(await states()).toEqual({ old: 'drain', new: 'maint', hold: 'ready' });
  await undoHaproxy(step, signal);
  await users.goOn();
  expect(users.seen()).toEqual(['new', 'old']);
});

test.each([
  ['leastconn', {}],
  ['source', {}],
  ['hdr(x)', { x: '1' }],
  ['static-rr', {}],
  // Pinned to the deployment on the source.
  ['roundrobin', { cookie: 'SIDE=o' }],
])('requests wait, and are let go, whichever way servers are chosen: %s %j', async (balance, headers) => {
  await using other = await Proxied.open((old, fresh) =>
    documentedConfiguration(old, fresh)
      .replace('backend app\n', `backend app\n  balance ${balance}\n  cookie SIDE insert indirect nocache\n`)
      .replace(/( server old \S+)/, '$1 cookie o'),
  );
  const there = { ...step, socket: other.haproxy.socket };
  await using users = new Users(other, 4, headers);
  await users.goOn();
  const { held: isHeld, sessionsLeft } = await holdHaproxy(there, 'target', signal);
  expect(isHeld).toBe(true);
  // Whoever is pinned comes back to a server that is drained, until it takes nobody any more.
  if (!('cookie' in headers)) expect(sessionsLeft).toBe(0);
  const held = other.ask(0, undefined, headers);
  await applyHaproxy(there, signal);
  expect(await held).toBe('new');
  await users.goOn();
  await holdHaproxy(there, 'source', signal);
  await undoHaproxy(there, signal);
  await users.goOn();
  expect(users.answers.at(-1)).toBe('old');
  expect(users.seen()).toEqual(['new', 'old']);
});

test('without a server at which requests could wait nothing is held; HAProxy refuses them when it has no server', async () => {
  const unheld = { ...step, backend: 'unheld' };
  expect(await holdHaproxy(unheld, 'target', signal)).toEqual({ held: false, sessionsLeft: 0 });
  await applyHaproxy(unheld, signal);
  await checkHaproxy(unheld, 'target', signal);
  await ask({ socket: step.socket, signal }, 'set server unheld/new state maint');
  const answer = await new Promise<string>((resolve, reject) => {
    const user = connect(`${proxied.haproxy.folder}/unheld.sock`);
    user.once('data', (data) => resolve(data.toString()));
    user.once('error', reject);
    user.write('GET / HTTP/1.0\r\n\r\n');
  });
  expect(answer).toMatch(/^HTTP\/1.. 503/);
});

test('apply and undo reach their end from whatever a crash may have left, while users see no error', async () => {
  await using users = new Users(proxied, 2);
  const api = { socket: step.socket, signal };
  const every = ['ready', 'drain', 'maint'].flatMap((old) => ['ready', 'drain', 'maint'].map((fresh) => [old, fresh]));
  for (const [old, fresh] of every) {
    for (const side of ['target', 'source'] as const) {
      await ask(api, `set server app/old state ${old};set server app/new state ${fresh}`);
      await (side === 'target' ? applyHaproxy(step, signal) : undoHaproxy(step, signal));
      const [open, shut] = side === 'target' ? ['new', 'old'] : ['old', 'new'];
      expect(await states()).toEqual({ [open]: 'ready', [shut]: 'maint', hold: 'ready' });
    }
  }
  await users.goOn();
  expect(users.seen()).toEqual(['new', 'old']);
});

test('an attempt that is cut off anywhere leaves what the next one ends', async () => {
  await using users = new Users(proxied, 2);
  for (let afterMs = 1; afterMs <= 20; afterMs += 3) {
    const killed = new AbortController();
    const attempt = applyHaproxy(step, killed.signal);
    setTimeout(() => killed.abort(), afterMs);
    await attempt.catch(() => undefined);
    await applyHaproxy(step, signal);
    await checkHaproxy(step, 'target', signal);
    await undoHaproxy(step, signal);
    await checkHaproxy(step, 'source', signal);
  }
  await users.goOn();
  expect(users.seen().filter((answer) => answer !== 'new')).toEqual(['old']);
});

test.each(['maint', 'ready'])(
  'a deployment that is not well gets nobody from %s, until it is well again',
  async (state) => {
    proxied.fresh.healthy = false;
    await using users = new Users(proxied, 2);
    await ask({ socket: step.socket, signal }, `set server app/new state ${state === 'maint' ? 'drain' : state}`);
    await until('its health is doubted', async () => {
      const servers = await readBackend({ socket: step.socket, signal }, 'app');
      return servers.get('new')?.running === false;
    });
    const environment = readEnvironment({ MIGRATION_HAPROXY_SOCKETS: step.socket });
    expect(await findInHaproxy(environment, [step], signal)).toMatchObject([
      { severity: 'warning', source: 'server "new" of backend "app" is down (L7STS 503)' },
    ]);
    await ask({ socket: step.socket, signal }, `set server app/new state ${state}`);
    const attempt = applyHaproxy(step, signal);
    await users.goOn();
    expect((await states())['old']).toBe('ready');
    proxied.fresh.healthy = true;
    await attempt;
    await users.goOn();
    expect(users.answers.at(-1)).toBe('new');
    expect(users.seen()).toEqual(['new', 'old']);
  },
);

describe('what cannot be is told', () => {
  const failing = (wrong: Partial<HaproxySwitch>): Promise<unknown> =>
    applyHaproxy({ ...step, ...wrong }, signal).then(
      () => undefined,
      (error: unknown) => error,
    );
  const found = async (wrong: Partial<HaproxySwitch>): Promise<unknown> => {
    const other = { ...step, ...wrong };
    const environment = readEnvironment({ MIGRATION_HAPROXY_SOCKETS: `/other.sock, ${other.socket}` });
    return findInHaproxy(environment, [{ kind: 'file', path: '/x', content: '' }, other], signal);
  };
  const blocking = (text: RegExp): unknown => [
    expect.objectContaining({
      code: 'SWITCH_NOT_READY',
      severity: 'blocking',
      object: 'cutover.switch[1]',
      source: expect.stringMatching(text) as unknown,
      reason: expect.stringMatching(/\w{3}/) as unknown,
    }),
  ];

  test.each<[string, () => Partial<HaproxySwitch>, RegExp]>([
    [
      'a socket that is not there',
      () => ({ socket: '/nowhere/admin.sock' }),
      /does not answer: connect ENOENT \/nowhere/,
    ],
    ['a socket nobody listens at', () => ({ socket: '127.0.0.1:1' }), /does not answer: connect ECONNREFUSED/],
    ['a backend that is not there', () => ({ backend: 'shop' }), /has no backend "shop"/],
    ['a server that is not there', () => ({ target: 'newer' }), /has no server "newer"/],
  ])('%s, by the step and before by preflight', async (_what, wrong, text) => {
    expect(await failing(wrong())).toMatchObject({
      code: 'SWITCH_FAILED',
      message: expect.stringMatching(text) as unknown,
    });
    expect(await found(wrong())).toEqual(blocking(text));
  });

  test('a socket without the right to change anything', async () => {
    const wrong = { socket: proxied.haproxy.operatorSocket };
    expect(await failing(wrong)).toMatchObject({
      code: 'SWITCH_FAILED',
      message: expect.stringContaining('level admin') as unknown,
    });
    expect(await found(wrong)).toEqual(blocking(/the level of .* is "operator"/));
    expect(await states()).toEqual({ old: 'ready', new: 'maint', hold: 'ready' });
  });

  test('an HAProxy that is silent', async () => {
    process.kill(proxied.haproxy.pid, 'SIGSTOP');
    try {
      await expect(ask({ socket: step.socket, signal }, 'show info', 100)).rejects.toMatchObject({
        code: 'SWITCH_FAILED',
        message: expect.stringContaining('it said nothing for 0.1 s') as unknown,
      });
    } finally {
      process.kill(proxied.haproxy.pid, 'SIGCONT');
    }
  });

  test('a socket that the worker does not allow, with the variable that would', async () => {
    const environment = readEnvironment({ MIGRATION_HAPROXY_SOCKETS: '/run/haproxy/admin.sock' });
    await expect(findInHaproxy(environment, [step], signal)).rejects.toMatchObject({
      code: 'SOCKET_NOT_ALLOWED',
      message: expect.stringContaining('MIGRATION_HAPROXY_SOCKETS (/run/haproxy/admin.sock)') as unknown,
    });
  });

  test('nothing where all is as it should be, by a UNIX socket and by TCP; and nothing is changed by looking', async () => {
    const before = await states();
    expect(await found({})).toEqual([]);
    expect(await found({ socket: tcp })).toEqual([]);
    expect(await states()).toEqual(before);
    await applyHaproxy({ ...step, socket: tcp }, signal);
    expect(await found({})).toMatchObject([
      { severity: 'warning', source: 'server "old" of backend "app" is maint (not checked yet)' },
      { severity: 'warning', source: 'server "new" of backend "app" is up (L7OK 200)' },
    ]);
  });
});
