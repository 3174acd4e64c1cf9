import { z } from 'zod';

/** The bodies of signals and updates. Each takes one object, because the web UI's dialogs pass one JSON payload. */
const person = z.string().trim().min(1).max(200);
const text = z.string().max(10_000);

export const approveSchema = z.strictObject({
  approver: person,
  comment: text.optional(),
  evidence: person.optional(),
});
export const rejectSchema = z.strictObject({ approver: person, reason: text });
export const pauseSchema = z.strictObject({ by: person.optional(), reason: text.optional() });
export const resumeSchema = z.strictObject({ by: person.optional(), apply: z.boolean().optional() });
export const throttleSchema = z.strictObject({ rowsPerSecond: z.number().int().min(0) });
export const rollbackSchema = z.strictObject({ by: person, reason: text });
export const acceptSchema = z.strictObject({ approver: person, comment: text.optional() });

/** How rejected rows are to be copied after all. */
export const retryRejectedSchema = z.strictObject({
  by: person,
  mapping: z
    .strictObject({
      zeroDates: z.literal('null').optional(),
      nulCharacters: z.literal('strip').optional(),
      invalidEnums: z.literal('null').optional(),
    })
    .refine(
      (mapping) => Object.keys(mapping).length > 0,
      'name at least one of zeroDates, nulCharacters, invalidEnums',
    ),
});

/** Tells people apart by their names: capitals, spaces and how a letter is encoded make nobody another person. */
export function personKey(name: string): string {
  return name.normalize('NFKC').trim().replace(/\s+/gu, ' ').toLowerCase();
}

export type RetryRejected = z.infer<typeof retryRejectedSchema>;
export type Approve = z.infer<typeof approveSchema>;
export type Reject = z.infer<typeof rejectSchema>;
export type Rollback = z.infer<typeof rollbackSchema>;
export type Accept = z.infer<typeof acceptSchema>;
