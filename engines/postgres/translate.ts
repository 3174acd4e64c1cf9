import type { Finding } from '../../domain/finding';
import type { PlannedTable, TargetDdl, TargetGrant } from '../../domain/plan';
import { buildSteps, foreignKeySteps } from './ddlBuild';
import { tableSteps } from './ddlTable';
import { grantSteps } from './grantSteps';
import { nativeType } from './types';

/**
 * PostgreSQL's SQL for a planned table, and findings for what it cannot say. Nothing depends on what the target holds,
 * only on its major version: before 15 there is no NULLS NOT DISTINCT, and a plain unique index takes its place.
 */
export function translateTable(
  table: PlannedTable,
  majorVersion: number,
  grants: readonly TargetGrant[] = [],
): { ddl: TargetDdl; findings: Finding[] } {
  const { steps, findings } = tableSteps(table);
  const ddl: TargetDdl = {
    nativeTypes: table.columns.map((column) => nativeType(column, table.targetSchema)),
    create: steps,
    build: buildSteps(table, majorVersion),
    foreignKeys: foreignKeySteps(table),
    grants: grantSteps(table, grants),
  };
  return { ddl, findings };
}
