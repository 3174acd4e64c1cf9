import { readFile, mkdtemp, rm } from 'node:fs/promises';
import { once } from 'node:events';
import { connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer, type Server, type TLSSocket } from 'node:tls';
import { makeTlsFiles } from '../../scripts/servers/tls';
import type { TlsFiles } from '../../scripts/servers/types';
import { MigrationStage } from '../helpers/migrationStage';
import { sharedServers } from '../helpers/servers';

/** Temporal as it stands behind a load balancer, or in the cloud: encrypted, and open to those with a certificate. */
async function encryptedTemporal({ ca, certificate, key }: TlsFiles): Promise<Server> {
  const [host, port] = sharedServers().temporalAddress.split(':');
  const [authority, cert, secret] = await Promise.all([ca, certificate, key].map((path) => readFile(path)));
  const options = { ca: authority, cert, key: secret, requestCert: true, rejectUnauthorized: true };
  const server = createServer({ ...options, ALPNProtocols: ['h2'] }, (near: TLSSocket) => {
    const far = connect(Number(port), host);
    for (const socket of [near, far]) socket.on('error', () => undefined);
    near.pipe(far).pipe(near);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

describe('a worker whose Temporal is encrypted', () => {
  let folder: string;
  let files: TlsFiles;
  let server: Server;
  let stage: MigrationStage;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'temporal-migrate-tls-'));
    files = await makeTlsFiles(join(folder, 'tls'));
    server = await encryptedTemporal(files);
    stage = await MigrationStage.open({ load: 'CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1), (2)' });
  });
  afterAll(async () => {
    await stage[Symbol.asyncDispose]();
    server.close();
    await rm(folder, { recursive: true, force: true });
  });

  const environment = (): Record<string, string> => ({
    TEMPORAL_ADDRESS: `localhost:${(server.address() as AddressInfo).port}`,
    TEMPORAL_TLS: 'true',
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: files.ca,
    TEMPORAL_TLS_CLIENT_CERT_PATH: files.certificate,
    TEMPORAL_TLS_CLIENT_KEY_PATH: files.key,
  });

  test('logs on with the certificate that its environment names, and migrates', async () => {
    const worker = await stage.startWorker(environment());
    const run = await stage.start();
    await run.approve();
    const { outcome, tables } = await run.accept();
    expect({ outcome, rows: tables[0]?.verifiedRows }).toEqual({ outcome: 'accepted', rows: 2 });
    await worker.stop();
  });

  test('ends at once, saying so, when it does not trust the server', async () => {
    const { ca } = await makeTlsFiles(join(folder, 'other'));
    const distrustful = { ...environment(), TEMPORAL_TLS_SERVER_CA_CERT_PATH: ca };
    await expect(stage.startWorker(distrustful)).rejects.toThrow(/the worker ended with 1: .*certificate/is);
  });
});
