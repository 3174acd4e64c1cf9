import { setFlagsFromString } from 'node:v8';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { NativeConnection, Runtime, Worker } from '@temporalio/worker';
import { MigrationPlugin } from '../plugins';
import { telemetryOf } from './telemetry';
import { tracingOf } from './tracing';

// V8 lets garbage grow to four times of what is alive before it looks; a worker lives beside databases that need the memory.
setFlagsFromString('--heap-growing-percent=100');

/** A worker for the connections of its environment; where Temporal is, TEMPORAL_ADDRESS and its kin say. */
async function main(): Promise<void> {
  const { logger } = Runtime.install(telemetryOf(process.env));
  const tracing = await tracingOf(process.env, (line) => {
    logger.warn(line);
  });
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const taskQueue = process.env['MIGRATION_TASK_QUEUE'] ?? 'migrations';
  const connection = await NativeConnection.connect(connectionOptions);
  try {
    const worker = await Worker.create({
      connection,
      namespace,
      taskQueue,
      plugins: [...(tracing === null ? [] : [tracing]), new MigrationPlugin()],
      // Work in flight hands its chunk back rather than being waited for: it is taken up again from the last commit.
      shutdownGraceTime: '5 seconds',
      // Each cached workflow costs memory that the row path should have.
      maxCachedWorkflows: 100,
    });
    const running = worker.run();
    process.stdout.write(
      `temporal-migrate polls "${taskQueue}" in namespace "${namespace}" at ${connectionOptions.address ?? 'localhost:7233'}\n`,
    );
    await running;
  } finally {
    await connection.close();
  }
  // A collector that does not answer would hold the process by its open connection; everything else has ended.
  if (tracing !== null) process.exit();
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
