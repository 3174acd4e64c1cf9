/** The workflow-safe entry point: what a worker bundles, and what a user's own workflows can call as children. */
export { databaseMigration } from './databaseMigration';
export { retentionReminder } from './retentionReminder';
export { tableCopy } from './tableCopy';
export { tableVerification } from './tableVerification';
