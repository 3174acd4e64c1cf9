/** Real servers for tests, the demo and the benchmarks: found or fetched, started, killed, started again. */
export { findPostgres, findProgram, type Program } from './programs';
export { startMariadb, startMysql } from './mysql';
export { startPostgres } from './postgres';
export { startHaproxy, type HaproxyServer } from './haproxy';
export { startTemporal, type TemporalOptions } from './temporal';
export { makeTlsFiles } from './tls';
export { startAll, type AllServers } from './all';
export type { DatabaseOptions, DatabaseServer, RunningServer, TemporalServer, TlsFiles } from './types';
