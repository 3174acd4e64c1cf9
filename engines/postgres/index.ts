import type { Engine } from '../engine';
import { openPostgresTarget } from './target';

/** PostgreSQL 14 and later, as a target. */
export const postgresEngine: Engine = { openTarget: openPostgresTarget };
