/** The workflow-safe entry point: what a worker bundles, and what a user's own workflows can call as children. */
export { databaseAssessment } from './databaseAssessment';
export { databaseMigration } from './databaseMigration';
export { databaseVerification } from './databaseVerification';
export { retentionReminder } from './retentionReminder';
export { tableCopy } from './tableCopy';
export { tableVerification } from './tableVerification';
