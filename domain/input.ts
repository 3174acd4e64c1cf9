import { z } from 'zod';
import { connectionNameSchema } from './connectionName';
import { durationSchema } from './duration';
import { MigrationError } from './errors';
import { refuseUnreadable } from './inputSecrets';
import { refuseUnbuilt } from './inputUnbuilt';
import { describeIssues } from './inputIssues';
import { mappingSchema, tablesFilterSchema } from './mapping';

const positive = z.number().int().positive();
const percent = z.number().min(0).max(100);
const url = z.url({ protocol: /^https?$/ });
/** The characters that HAProxy lets a name have; others would be commands of its own to it. */
const haproxyName = z.string().regex(/^[A-Za-z0-9_.:-]+$/, 'allowed: letters, digits, "_", ".", ":" and "-"');

const httpCallSchema = z.strictObject({
  url,
  method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).optional(),
  body: z.json().optional(),
});

const switchStepSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('http'),
    url,
    method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']).default('POST'),
    body: z.json().optional(),
    undo: httpCallSchema.optional(),
    check: httpCallSchema.optional(),
  }),
  z.strictObject({ kind: z.literal('file'), path: z.string().min(1), content: z.string() }),
  z
    .strictObject({
      kind: z.literal('haproxy'),
      socket: z.string().min(1),
      backend: haproxyName,
      source: haproxyName,
      target: haproxyName,
    })
    .refine(({ source, target }) => source !== target, {
      path: ['target'],
      error: 'allowed: another server than source',
    }),
]);

/** The whole input of databaseMigration; contract and defaults in docs/operations.md. Unknown keys are refused. */
export const migrationInputSchema = z.strictObject({
  source: connectionNameSchema,
  target: connectionNameSchema,
  strategy: z.enum(['live', 'bigBang']).default('bigBang'),
  targetSchema: z.string().min(1).max(63).default('public'),
  targetFreeBytes: positive.optional(),
  backup: z.strictObject({ mode: z.enum(['whenNotEmpty', 'none']).default('whenNotEmpty') }).prefault({}),
  tables: tablesFilterSchema.prefault({}),
  mapping: mappingSchema.prefault({}),
  copy: z
    .strictObject({
      parallelism: positive.max(64).default(4),
      chunkBytes: positive.min(65_536).max(1_073_741_824).default(33_554_432),
      rowsPerSecond: z.number().int().min(0).default(0),
      replicas: z.array(connectionNameSchema).default([]),
    })
    .prefault({}),
  rejectedRows: z.strictObject({ limit: z.number().int().min(0).default(0) }).prefault({}),
  targetGrants: z
    .array(z.strictObject({ role: z.string().min(1), privileges: z.enum(['readWrite', 'read']) }))
    .default([]),
  trial: z.strictObject({ percent: percent.default(1) }).prefault({}),
  verify: z
    .strictObject({
      mode: z.enum(['full', 'sample', 'counts']).default('full'),
      samplePercent: percent.default(5),
      allowedRowDifference: z.number().int().min(0).default(0),
    })
    .prefault({}),
  cutover: z
    .strictObject({
      approvals: positive.max(10).default(1),
      approvalTimeout: durationSchema.default('7 days'),
      maxFreezeSeconds: z.number().positive().max(31_536_000).optional(),
      attempts: positive.max(100).default(3),
      freeze: z.enum(['readOnly', 'accounts', 'none']).default('readOnly'),
      switch: z.array(switchStepSchema).default([]),
    })
    .prefault({}),
  observe: z
    .strictObject({
      duration: durationSchema.default('30 minutes'),
      maxErrorRate: z.number().min(0).max(1).default(0.05),
      maxResponseTimeFactor: z.number().positive().default(2),
      maxValidationFailureRate: z.number().min(0).max(1).default(0.001),
      maxCriticalIssues: z.number().int().min(0).default(10),
      probe: z.strictObject({ url }).optional(),
    })
    .prefault({}),
  reverse: z.boolean().default(true),
  acceptance: z.strictObject({ timeout: durationSchema.default('30 days') }).prefault({}),
  retention: z.strictObject({ days: positive.max(36_500).default(90) }).prefault({}),
});

export type MigrationInput = z.infer<typeof migrationInputSchema>;
export type SwitchStep = MigrationInput['cutover']['switch'][number];
export type FileSwitch = Extract<SwitchStep, { kind: 'file' }>;
export type HaproxySwitch = Extract<SwitchStep, { kind: 'haproxy' }>;
export type HttpSwitch = Extract<SwitchStep, { kind: 'http' }>;

/**
 * Reads what a person gave as input. Errors: INPUT_HAS_SECRET, INPUT_INVALID (each key path, what was given, what is
 * allowed), OPTION_NOT_BUILT, SAME_SOURCE_AND_TARGET.
 */
export function parseMigrationInput(given: unknown): MigrationInput {
  const input = parseInput(given, migrationInputSchema);
  refuseUnbuilt(input, migrationInputSchema.parse({ source: input.source, target: input.target }));
  return input;
}

/** The input of databaseVerification: what of a migration's input says which rows are the same. */
export const verificationInputSchema = migrationInputSchema.pick({
  source: true,
  target: true,
  targetSchema: true,
  tables: true,
  mapping: true,
  verify: true,
});

export type VerificationInput = z.infer<typeof verificationInputSchema>;

/** Reads the input of a comparison. Errors: as parseMigrationInput. */
export function parseVerificationInput(given: unknown): VerificationInput {
  const input = parseInput(given, verificationInputSchema);
  parseMigrationInput(input);
  return input;
}

function parseInput<Input extends { source: string; target: string }>(given: unknown, schema: z.ZodType<Input>): Input {
  refuseUnreadable(given);
  const parsed = schema.safeParse(given);
  if (!parsed.success) {
    throw new MigrationError(
      'INPUT_INVALID',
      `the input is not usable:\n${describeIssues(parsed.error, given, schema)}`,
    );
  }
  const input = parsed.data;
  if (input.source === input.target) {
    throw new MigrationError(
      'SAME_SOURCE_AND_TARGET',
      `source and target are both "${input.source}": name two different connections`,
    );
  }
  return input;
}
