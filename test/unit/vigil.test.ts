import { PassThrough } from 'node:stream';
import { keepVigil, type AskWhyItIsSilent, type WatchedSocket } from '../../engines/vigil';

const LONG = 600_000;

class FakeSocket extends PassThrough {
  bytesRead = 0;
  bytesWritten = 0;
}

/** Waits for an answer that never comes, for a long time; tells whether the connection was ended. */
async function endedIn(socket: FakeSocket, ask: AskWhyItIsSilent): Promise<boolean> {
  socket.on('error', () => undefined);
  const waiting = new Promise<void>((resolve) => socket.once('close', resolve));
  const vigil = keepVigil(waiting, socket as WatchedSocket, ask);
  await jest.advanceTimersByTimeAsync(LONG);
  const ended = socket.destroyed;
  socket.destroy();
  await vigil;
  return ended;
}

describe('a connection on which nothing moves', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  test('is ended when the server waits for us, too, and goes on to', async () => {
    expect(await endedIn(new FakeSocket(), () => Promise.resolve('idle since noon'))).toBe(true);
  });

  test('is left alone when the server is at work', async () => {
    expect(await endedIn(new FakeSocket(), () => Promise.resolve(null))).toBe(false);
  });

  test('is left alone when the server cannot be asked', async () => {
    expect(await endedIn(new FakeSocket(), () => Promise.reject(new Error('down')))).toBe(false);
  });

  test('is left alone when the server gets on, slowly', async () => {
    let times = 0;
    expect(await endedIn(new FakeSocket(), () => Promise.resolve(`copied ${(times += 1)} bytes`))).toBe(false);
  });

  test('is left alone while its reader takes nothing', async () => {
    const socket = new FakeSocket();
    socket.pause();
    expect(await endedIn(socket, () => Promise.resolve('idle since noon'))).toBe(false);
  });

  test('is left alone when something comes while the server is asked', async () => {
    const socket = new FakeSocket();
    const ask = (): Promise<string> => {
      socket.bytesRead += 1;
      return Promise.resolve('idle since noon');
    };
    expect(await endedIn(socket, ask)).toBe(false);
  });
});

test('what a server answers or refuses is answered or refused', async () => {
  const ask = (): Promise<null> => Promise.resolve(null);
  const socket = new FakeSocket() as WatchedSocket;
  await expect(keepVigil(Promise.resolve('rows'), socket, ask)).resolves.toBe('rows');
  await expect(keepVigil(Promise.reject(new Error('no')), socket, ask)).rejects.toThrow('no');
});
