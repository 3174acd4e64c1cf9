import { z } from 'zod';

const name = z.string().min(1);

/** How one column differs from what the planner would choose; either part may be left out. */
const columnMappingSchema = z.strictObject({
  name: name.optional(),
  type: name.optional(),
});

const tableMappingSchema = z.strictObject({
  name: name.optional(),
  columns: z.record(name, columnMappingSchema).prefault({}),
  /** An SQL condition of the source; only its rows are moved. */
  where: name.optional(),
});

/** What becomes of names, values and types on the target: each an explicit choice, the defaults lose nothing. */
export const mappingSchema = z.strictObject({
  identifiers: z.enum(['lower', 'preserve']).default('lower'),
  zeroDates: z.enum(['reject', 'null']).default('reject'),
  nulCharacters: z.enum(['reject', 'strip']).default('reject'),
  invalidEnums: z.enum(['reject', 'null']).default('reject'),
  orphans: z.enum(['stop', 'notValid']).default('stop'),
  collations: z.enum(['finding', 'preserve']).default('finding'),
  types: z.array(z.strictObject({ from: name, to: name })).default([]),
  tables: z.record(name, tableMappingSchema).default({}),
});

/** Which tables are moved: patterns over source names with `*` and `?`; what `exclude` matches is left out. */
export const tablesFilterSchema = z.strictObject({
  include: z.array(name).min(1).default(['*']),
  exclude: z.array(name).default([]),
});

export type Mapping = z.infer<typeof mappingSchema>;
export type TableMapping = z.infer<typeof tableMappingSchema>;
export type ColumnMapping = z.infer<typeof columnMappingSchema>;
export type TableFilter = z.infer<typeof tablesFilterSchema>;
