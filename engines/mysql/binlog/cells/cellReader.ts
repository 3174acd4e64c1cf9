import type { RowMemory } from './rowMemory';

/**
 * Reads one cell that is not NULL: moves `row.at` behind it and leaves its bytes, as a SELECT would give them, between
 * `row.start` and `row.end`.
 */
export type CellReader = (row: RowMemory) => void;
