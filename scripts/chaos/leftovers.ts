import { openSide } from './side';
import type { ChaosStage } from './stage';

/** What a migration that has ended must not leave behind on either side, in words. */
export async function strayObjects(stage: ChaosStage): Promise<string[]> {
  const found: string[] = [];
  await ask(
    stage.source.url(),
    "SELECT SCHEMA_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = 'temporal_migrate'",
    () => found.push('the source still has a schema temporal_migrate'),
  );
  await ask(stage.targetUrl, 'SELECT slot_name FROM pg_replication_slots', (name) =>
    found.push(`slot ${name} is left`),
  );
  await ask(stage.targetUrl, 'SELECT pubname FROM pg_publication', (name) => found.push(`publication ${name} is left`));
  await ask(stage.targetUrl, 'SELECT conname FROM pg_constraint WHERE NOT convalidated', (name) =>
    found.push(`constraint ${name} is not validated`),
  );
  return found;
}

async function ask(url: string, sql: string, tell: (name: string) => unknown): Promise<void> {
  const side = await openSide(url);
  try {
    for (const [name] of await side.query(sql)) tell(String(name));
  } finally {
    await side.end();
  }
}
