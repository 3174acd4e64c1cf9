import { Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';
import { SEARCH_ATTRIBUTES } from '../../domain/searchAttributes';
import { reasonOf, say } from '../servers/run';

/** IndexedValueType of temporal.api.enums.v1. */
const KEYWORD = 2;

/** `npm run setup`: registers the search attributes that migrations set, in the environment's namespace; safe to repeat. */
async function main(): Promise<void> {
  const { connectionOptions, namespace = 'default' } = loadClientConnectConfig();
  const connection = await Connection.connect(connectionOptions);
  try {
    const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
    const missing = Object.values(SEARCH_ATTRIBUTES).filter((name) => !(name in customAttributes));
    if (missing.length > 0) {
      const searchAttributes = Object.fromEntries(missing.map((name) => [name, KEYWORD]));
      await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
    }
    process.stdout.write(
      missing.length > 0
        ? `registered in namespace "${namespace}": ${missing.join(', ')}\n`
        : `namespace "${namespace}" has them all: ${Object.values(SEARCH_ATTRIBUTES).join(', ')}\n`,
    );
  } finally {
    await connection.close();
  }
}

main().then(
  () => process.exit(0),
  (error: unknown) => {
    say(`the search attributes could not be registered: ${reasonOf(error)}`);
    process.exit(1);
  },
);
