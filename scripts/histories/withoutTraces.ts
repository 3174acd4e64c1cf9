/** Stands for the folder a history was recorded in. */
const ANY_FOLDER = '/var/lib/temporal-migrate';

/** A history without what it tells about the machine it was recorded on: process identities and folders. */
export function withoutTraces(value: unknown, folder: string): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutTraces(item, folder));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]): [string, unknown] => {
    if (key === 'identity' && typeof inner === 'string') return [key, 'worker'];
    if (key === 'stickyTaskQueue' || key === 'workerQueueName') return [key, inner];
    if (key === 'data' && typeof inner === 'string') return [key, withoutFolder(inner, folder)];
    if (key === 'name' && typeof inner === 'string' && inner.includes('@')) return [key, 'sticky'];
    return [key, withoutTraces(inner, folder)];
  });
  return Object.fromEntries(entries);
}

function withoutFolder(base64: string, folder: string): string {
  const text = Buffer.from(base64, 'base64').toString('utf8');
  return Buffer.from(text.replaceAll(folder, ANY_FOLDER), 'utf8').toString('base64');
}
