import { defineSearchAttributeKey } from '@temporalio/common';
import { upsertSearchAttributes } from '@temporalio/workflow';
import { SEARCH_ATTRIBUTES } from '../domain/searchAttributes';
import { quick } from './activityProxies';
import type { Migration } from './migration';

const KEYS = {
  phase: defineSearchAttributeKey(SEARCH_ATTRIBUTES.phase, 'KEYWORD'),
  source: defineSearchAttributeKey(SEARCH_ATTRIBUTES.source, 'KEYWORD'),
  target: defineSearchAttributeKey(SEARCH_ATTRIBUTES.target, 'KEYWORD'),
};

/** Makes the migration found by its connections and its phase, where the namespace knows these attributes. */
export async function makeSearchable({ run, record }: Migration): Promise<void> {
  const registered = await quick.hasSearchAttributes.executeWithOptions(
    {
      summary: 'Look for the search attributes of `npm run setup`',
    },
    [],
  );
  if (!registered) return;
  upsertSearchAttributes([
    { key: KEYS.source, value: run.source },
    { key: KEYS.target, value: run.target },
    { key: KEYS.phase, value: record.phase },
  ]);
  record.onPhase = (phase) => upsertSearchAttributes([{ key: KEYS.phase, value: phase }]);
}
