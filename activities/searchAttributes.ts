import { Context } from '@temporalio/activity';
import { SEARCH_ATTRIBUTES } from '../domain/searchAttributes';
import { activity } from './activity';

/** A workflow that sets an attribute nobody has registered would stand still. */
export function searchAttributeActivities() {
  return {
    hasSearchAttributes: activity(async (): Promise<boolean> => {
      const { client, info, log } = Context.current();
      try {
        const { customAttributes } = await client.connection.operatorService.listSearchAttributes({
          namespace: info.namespace,
        });
        return Object.values(SEARCH_ATTRIBUTES).every((name) => name in customAttributes);
      } catch (error) {
        // Some servers let nobody ask; a migration is not worth less for it.
        log.warn('the namespace does not tell its search attributes: none is set', { error });
        return false;
      }
    }),
  };
}
