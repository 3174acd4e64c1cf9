import type { Engine } from '../engine';
import { openMysqlSource } from './source';

/** MySQL 8.0 and later, and MariaDB 10.6 and later, as a source. */
export const mysqlEngine: Engine = { openSource: openMysqlSource };
