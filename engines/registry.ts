import type { DatabaseSettings } from '../domain/connection';
import type { Engine } from './engine';
import { mysqlEngine } from './mysql';
import { postgresEngine } from './postgres';

/** The only list of engines. MariaDB is a flavour of MySQL's, told by the server itself and not by the URL. */
const ENGINES: Readonly<Record<DatabaseSettings['engine'], Engine>> = {
  mysql: mysqlEngine,
  mariadb: mysqlEngine,
  postgres: postgresEngine,
};

export function engineOf(name: DatabaseSettings['engine']): Engine {
  return ENGINES[name];
}
