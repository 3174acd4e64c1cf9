export { MigrationPlugin, type MigrationPluginOptions } from './MigrationPlugin';
export type { MigrationInput } from '../domain/input';
export type { MigrationResult, Progress } from '../domain/result';
