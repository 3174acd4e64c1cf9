import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { z } from 'zod';
import { projectFolder } from '../../scripts/servers/run';
import { IMAGES, POSTGRES_INITDB_OPTIONS, SETTINGS, TEMPORAL_OPTIONS } from '../../scripts/servers/versions';

const Service = z.object({
  image: z.string().optional(),
  build: z.string().optional(),
  command: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.string()).default({}),
  ports: z.array(z.string()).default([]),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).default({}),
});
const Compose = z.object({
  services: z.object({ mysql: Service, postgres: Service, temporal: Service, worker: Service }),
});

const read = (name: string): string => readFileSync(join(projectFolder(), name), 'utf8');
const { services } = Compose.parse(parse(read('docker-compose.yml')));

describe('docker-compose.yml', () => {
  test('runs the versions that the tests run on', () => {
    expect(services.mysql.image).toBe(IMAGES.mysql);
    expect(services.postgres.image).toBe(IMAGES.postgres);
    expect(services.temporal.image).toBe(IMAGES.temporal);
  });

  test('gives MySQL the settings that the tests give it', () => {
    expect(services.mysql.command).toEqual(Object.entries(SETTINGS.mysql).map(([name, value]) => `--${name}=${value}`));
  });

  test('gives PostgreSQL the settings that the tests give it', () => {
    const settings = Object.entries(SETTINGS.postgres).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
    expect(services.postgres.command).toEqual(['postgres', ...settings]);
    expect(services.postgres.environment['POSTGRES_INITDB_ARGS']).toBe(POSTGRES_INITDB_OPTIONS.join(' '));
  });

  test('gives Temporal the options that the tests give it', () => {
    expect(services.temporal.command).toEqual(['server', 'start-dev', '--ip=0.0.0.0', ...TEMPORAL_OPTIONS]);
  });

  test('opens no port beyond this machine', () => {
    const ports = Object.values(services).flatMap((service) => service.ports);
    expect(ports.filter((port) => !port.startsWith('127.0.0.1:'))).toEqual([]);
  });

  test('gives the worker the connections whose names its first comment uses, to services that exist', () => {
    const { environment, depends_on: needed } = services.worker;
    const variables = Object.entries(environment).filter(([name]) => name.startsWith('MIGRATION_CONNECTION_'));
    const names = variables.map(([name]) => name.replace('MIGRATION_CONNECTION_', '').toLowerCase());
    for (const name of names) expect(read('docker-compose.yml')).toContain(`"${name}"`);
    const hosts = [
      ...variables.map(([, url]) => new URL(url).hostname),
      environment['TEMPORAL_ADDRESS']?.split(':')[0],
    ];
    expect(hosts.sort()).toEqual(Object.keys(needed).sort());
  });
});

describe('the Dockerfile', () => {
  test('starts the worker from what the build makes', () => {
    expect(read('Dockerfile')).toContain('CMD ["node", "dist/workers/main.js"]');
    const { scripts } = z.object({ scripts: z.record(z.string(), z.string()) }).parse(JSON.parse(read('package.json')));
    expect(scripts['worker']).toBe('node scripts/launch.mjs workers/main');
  });
});
