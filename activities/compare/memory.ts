import { z } from 'zod';
import type { KeyBound } from '../../domain/keys';
import type { VerifiedPart } from '../../engines/engine';

const partSchema = z.object({
  sourceRows: z.number(),
  targetRows: z.number(),
  verifiedRows: z.number(),
  mismatches: z.number(),
  examples: z.array(
    z.object({
      table: z.string(),
      key: z.array(z.string()),
      kind: z.enum(['missing', 'extra', 'different']),
      columns: z.array(z.string()),
    }),
  ),
});

const memorySchema = z.object({
  compared: z.array(z.tuple([z.string(), partSchema])),
  current: z
    .object({
      table: z.string(),
      bounds: z.array(z.array(z.string())),
      parts: z.array(z.tuple([z.string(), partSchema])),
    })
    .nullable(),
});

type Shown = z.infer<typeof memorySchema>;

/** A heartbeat carries no more than this; what came after it is compared again after a crash. */
const MAX_BYTES = 262_144;

/** The most examples that are kept of a part. */
const EXAMPLES = 10;

/**
 * What an attempt has compared, told in its heartbeats: a comparison makes nothing on either server, so there is no
 * control schema to keep it in.
 */
export class ComparisonMemory {
  private readonly compared: Map<string, VerifiedPart>;
  private current: Shown['current'];
  private full = false;

  constructor(
    shownBefore: unknown,
    private readonly show: (details: object) => void,
  ) {
    const before = memorySchema.safeParse(shownBefore);
    this.compared = new Map(before.success ? before.data.compared : []);
    this.current = before.success ? before.data.current : null;
  }

  /** What came of the whole table, or undefined. */
  of(table: string): VerifiedPart | undefined {
    return this.compared.get(table);
  }

  /** Bounds are chosen once: parts of other bounds would not make up the table. */
  async begin(table: string, choose: () => Promise<KeyBound[]>): Promise<readonly KeyBound[]> {
    if (this.current?.table === table) return this.current.bounds;
    const bounds = (await choose()).map((bound) => [...bound]);
    this.current = { table, bounds, parts: [] };
    this.tell();
    return bounds;
  }

  get parts(): ReadonlyMap<string, VerifiedPart> {
    return new Map(this.current?.parts ?? []);
  }

  addPart(name: string, part: VerifiedPart): void {
    this.current?.parts.push([name, storable(part)]);
    this.tell();
  }

  end(table: string, whole: VerifiedPart): void {
    this.compared.set(table, whole);
    this.current = null;
    this.tell();
  }

  private tell(): void {
    if (this.full) return;
    const compared = [...this.compared].map(([table, part]): [string, Shown['compared'][number][1]] => [
      table,
      storable(part),
    ]);
    const shown: Shown = {
      compared,
      current: this.current === null ? null : { ...this.current, parts: [...this.current.parts] },
    };
    this.full = JSON.stringify(shown).length > MAX_BYTES;
    if (!this.full) this.show(shown);
  }
}

function storable({ examples, ...counts }: VerifiedPart): Shown['compared'][number][1] {
  return {
    ...counts,
    examples: examples
      .slice(0, EXAMPLES)
      .map((example) => ({ ...example, key: [...example.key], columns: [...example.columns] })),
  };
}
