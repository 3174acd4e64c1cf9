export type { ParseType } from './applyMapping';
export { byteLength, cutToBytes, joinName, Namespace, type NameRules } from './identifiers';
export { plannedPart, prefixOf } from './planKeys';
export { planTables, type PlanOptions } from './planTables';
export { selectTables } from './selectTables';
export { isZeroDate } from './zeroDate';
