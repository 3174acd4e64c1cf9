import { copyFile, chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './run';
import { giveTo, type User } from './serverUser';
import type { TlsFiles } from './types';

const EXTENSIONS = 'subjectAltName=DNS:localhost,IP:127.0.0.1\nextendedKeyUsage=serverAuth,clientAuth\n';

/**
 * Makes an authority and a certificate that it signs for `localhost` and 127.0.0.1, good for servers and clients, in a new folder, with openssl.
 * Both are valid for a day.
 */
export async function makeTlsFiles(folder: string): Promise<TlsFiles> {
  await mkdir(folder, { recursive: true });
  const path = (name: string): string => join(folder, name);
  const key = ['-newkey', 'rsa:2048', '-nodes', '-sha256'];
  await writeFile(path('extensions'), EXTENSIONS);
  await openssl(
    'req',
    '-x509',
    ...key,
    '-days',
    '1',
    '-subj',
    '/CN=Test authority',
    '-keyout',
    path('ca-key.pem'),
    '-out',
    path('ca.pem'),
  );
  await openssl('req', ...key, '-subj', '/CN=localhost', '-keyout', path('key.pem'), '-out', path('request.pem'));
  const signing = [
    '-CA',
    path('ca.pem'),
    '-CAkey',
    path('ca-key.pem'),
    '-CAcreateserial',
    '-extfile',
    path('extensions'),
  ];
  await openssl(
    'x509',
    '-req',
    '-sha256',
    '-days',
    '1',
    '-in',
    path('request.pem'),
    ...signing,
    '-out',
    path('cert.pem'),
  );
  return { ca: path('ca.pem'), certificate: path('cert.pem'), key: path('key.pem') };
}

/** Copies the files into a server's folder, the key readable by nobody but the server. */
export async function installTlsFiles(
  tls: TlsFiles | undefined,
  folder: string,
  user: User | undefined,
): Promise<void> {
  if (tls === undefined) return;
  const copies = { 'ca.pem': tls.ca, 'cert.pem': tls.certificate, 'key.pem': tls.key };
  for (const [name, source] of Object.entries(copies)) {
    const copy = join(folder, name);
    await copyFile(source, copy);
    await chmod(copy, 0o600);
    await giveTo(user, copy);
  }
}

function openssl(...args: string[]): Promise<string> {
  return run('openssl', args);
}
