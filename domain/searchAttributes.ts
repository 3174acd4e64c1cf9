/**
 * What migrations can be found by in the web UI and the CLI, once `npm run setup` has registered it; each is a Keyword.
 */
export const SEARCH_ATTRIBUTES = {
  phase: 'MigrationPhase',
  source: 'MigrationSource',
  target: 'MigrationTarget',
} as const;
