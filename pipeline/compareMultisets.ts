import { hashForm } from '../domain/canonicalText';
import type { PlannedTable } from '../domain/plan';
import { unhashedColumns } from '../domain/rowKey';
import type { CanonicalRow, RowDigest, Verifiable } from '../engines/engine';
import type { Answers, BothSides } from './bothSides';
import { longJsonBytes, rowMeaning } from './compareMeaning';
import type { Tally } from './mismatches';
import { inBatches, READ_BYTES, rowsPerRead } from './readBudget';

/** Beyond so many different rows without a counterpart of equal hash, the rest is counted by hash and not read. */
const MAX_ROWS_READ = 50_000;
/** Each read looks at the whole table, so it asks for many. */
const MAX_HASHES_READ = 5_000;

type Values = CanonicalRow['values'];

/** Alike rows of one side that have no counterpart yet. */
interface Group {
  readonly digest: RowDigest;
  rows: number;
}

/**
 * Compares tables without a key as multisets: each row needs a counterpart of its own, whichever it is. Give it the
 * rows part by part, then let it finish: a row may have its counterpart in another part, when their hashes differ and
 * their meaning does not.
 */
export class MultisetComparison {
  private readonly open: Answers<Group[]> = { source: [], target: [] };

  constructor(
    private readonly sides: BothSides,
    private readonly table: PlannedTable,
    private readonly tally: Tally,
  ) {}

  /** Takes the rows of some buckets, and keeps those without a counterpart of equal hash. */
  compare(digests: Answers<readonly RowDigest[]>): void {
    const columns = unhashedColumns(this.table);
    const identify = ({ hash, unhashed }: RowDigest): string => hash + rowMeaning(columns, unhashed);
    const { source, target } = this.settle(toGroups(digests.source), toGroups(digests.target), ({ digest }) =>
      identify(digest),
    );
    this.keep('source', source);
    this.keep('target', target);
  }

  /** Compares what is left by meaning, and tallies what then still is. */
  async finish(): Promise<void> {
    const meanings = new Map<Group, string>();
    const batch = rowsPerRead(this.table, MAX_HASHES_READ);
    for (let at = 0; at < Math.max(this.open.source.length, this.open.target.length); at += batch) {
      const groups = { source: this.open.source.slice(at, at + batch), target: this.open.target.slice(at, at + batch) };
      await this.sides.askEach(
        (side, signal) => this.readMeanings(side, groups.source, meanings, signal),
        (side, signal) => this.readMeanings(side, groups.target, meanings, signal),
      );
    }
    // A row gone since its hash was read has no meaning left, and is unlike all others.
    const identify = (group: Group): string => meanings.get(group) ?? `gone: ${group.digest.hash}`;
    const left = this.settle(this.open.source, this.open.target, identify);
    for (const { digest, rows } of left.source) this.tally.differ('missing', [digest.hash], [], rows);
    for (const { digest, rows } of left.target) this.tally.differ('extra', [digest.hash], [], rows);
  }

  private async readMeanings(
    side: Verifiable,
    groups: readonly Group[],
    meanings: Map<Group, string>,
    signal: AbortSignal,
  ): Promise<void> {
    const { table } = this;
    const read = async (of: readonly Group[], wholeJson: boolean): Promise<{ group: Group; values: Values }[]> => {
      const hashes = [...new Set(of.map(({ digest }) => digest.hash))];
      const rows = await side.readRows({ table, keys: [], hashes, wholeJson }, signal);
      const byHash = new Map(rows.map(({ key: [hash = ''], values }) => [hash, values]));
      return of.flatMap((group) => {
        const values = byHash.get(group.digest.hash);
        return values === undefined ? [] : [{ group, values: this.withUnhashed(values, group.digest) }];
      });
    };
    const hidden: { group: Group; bytes: number }[] = [];
    for (const { group, values } of await read(groups, false)) {
      const bytes = longJsonBytes(table.columns, values);
      if (bytes > 0) hidden.push({ group, bytes });
      else meanings.set(group, rowMeaning(table.columns, values));
    }
    for (const batch of inBatches(hidden, ({ bytes }) => bytes, READ_BYTES)) {
      const whole = await read(
        batch.map(({ group }) => group),
        true,
      );
      for (const { group, values } of whole) meanings.set(group, rowMeaning(table.columns, values));
    }
  }

  /** Of rows with one hash only what is hashed is alike; the rest came with the digest. */
  private withUnhashed(values: Values, { unhashed }: RowDigest): Values {
    let at = 0;
    return this.table.columns.map((column, index) =>
      hashForm(column) === 'unhashed' ? (unhashed[at++] ?? null) : (values[index] ?? null),
    );
  }

  /** Takes out rows that have a counterpart of the same identity, counting them as verified. */
  private settle(source: Group[], target: Group[], identify: (group: Group) => string): Answers<Group[]> {
    const byIdentity = new Map<string, Group[]>();
    for (const group of source) {
      const id = identify(group);
      const same = byIdentity.get(id);
      if (same === undefined) byIdentity.set(id, [group]);
      else same.push(group);
    }
    for (const group of target) {
      for (const candidate of byIdentity.get(identify(group)) ?? []) {
        const rows = Math.min(candidate.rows, group.rows);
        candidate.rows -= rows;
        group.rows -= rows;
        this.tally.verify(rows);
      }
    }
    const isOpen = ({ rows }: Group): boolean => rows > 0;
    return { source: source.filter(isOpen), target: target.filter(isOpen) };
  }

  private keep(side: 'source' | 'target', groups: readonly Group[]): void {
    const room = MAX_ROWS_READ - this.open[side].length;
    this.open[side].push(...groups.slice(0, room));
    const kind = side === 'source' ? 'missing' : 'extra';
    for (const { digest, rows } of groups.slice(room)) this.tally.differ(kind, [digest.hash], [], rows);
  }
}

function toGroups(digests: readonly RowDigest[]): Group[] {
  return digests.map((digest) => ({ digest, rows: digest.rows }));
}
