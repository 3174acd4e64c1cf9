export { MigrationPlugin, type MigrationPluginOptions } from './MigrationPlugin';
export type { AssessmentResult } from '../domain/assessmentResult';
export type { MigrationInput, VerificationInput } from '../domain/input';
export type { MigrationResult, Progress } from '../domain/result';
export type { VerificationProgress, VerificationResult } from '../domain/verificationResult';
