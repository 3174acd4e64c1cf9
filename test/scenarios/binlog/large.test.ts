import type { RowChange } from '../../../engines/engine';
import { FLAVOURS } from '../mysqlSource/stage';
import { KeepingSink } from './following';
import { LogStage } from './stage';

const MB = 2 ** 20;
const SIZE = 20 * MB;
const ROWS = 5;

const TABLE = `SET GLOBAL max_allowed_packet = 1073741824;
  CREATE TABLE large (id INT PRIMARY KEY, v LONGBLOB, n VARCHAR(10))`;

describe.each(FLAVOURS)('rows of 20 MB in the log of %s', (flavour) => {
  test('arrive whole, 100 MB of them in one transaction, in flat memory', async () => {
    await using stage = await LogStage.open(flavour, TABLE);
    await stage.write(
      'BEGIN',
      ...Array.from(
        { length: ROWS },
        (_, id) => `INSERT INTO large VALUES (${id}, REPEAT('abcdefg${id}', ${SIZE / 8}), 'n')`,
      ),
      'COMMIT',
      "UPDATE large SET n = 'm' WHERE id = 0",
    );
    if (flavour === 'mysql') {
      await stage.write('SET binlog_transaction_compression = ON', 'DELETE FROM large');
    }
    const before = process.memoryUsage.rss();
    let peak = before;
    const watching = setInterval(() => (peak = Math.max(peak, process.memoryUsage.rss())), 5);
    const sink = new LargeSink(stage, await stage.source.position());
    try {
      await sink.follow();
    } finally {
      clearInterval(watching);
    }
    const rows = Array.from({ length: ROWS }, (_, id) => id);
    expect(sink.seen).toEqual([
      ...rows.map((id) => `insert ${id} n whole`),
      'update 0 n whole to 0 m whole',
      ...(flavour === 'mysql' ? rows.map((id) => `delete ${id} ${id === 0 ? 'm' : 'n'} whole`) : []),
    ]);
    // Both images of a row, as they come and as they are told.
    expect((peak - before) / MB).toBeLessThan(300);
  });
});

/** Keeps no more of a row than whether it is whole. */
class LargeSink extends KeepingSink {
  readonly seen: string[] = [];
  private readonly controller = new AbortController();

  constructor(
    private readonly stage: LogStage,
    upTo: Awaited<ReturnType<LogStage['source']['position']>>,
  ) {
    super(stage.plans, (position) => {
      if (stage.changes.contains(position, upTo)) this.controller.abort(this);
    });
  }

  async follow(): Promise<void> {
    const { plans, from, changes } = this.stage;
    await expect(changes.stream({ tables: plans, from, signal: this.controller.signal }, this)).rejects.toBe(this);
  }

  override change({ kind, bytes, before, after }: RowChange): void {
    const images = [before, after].filter((image) => image !== null);
    this.seen.push(`${kind} ${images.map((cells) => describeRow(bytes, cells)).join(' to ')}`);
  }

  override pressure(): Promise<void> | null {
    return this.seen.length % 2 === 0 ? new Promise(setImmediate) : null;
  }
}

function describeRow(bytes: Buffer, cells: Int32Array): string {
  const [idStart, idEnd, start = 0, end = 0, textStart, textEnd] = cells;
  const id = bytes.toString('latin1', idStart, idEnd);
  const unit = `abcdefg${id}`;
  const isWhole =
    end - start === SIZE &&
    [0, SIZE / 2, SIZE - 8].every((at) => bytes.toString('latin1', start + at, start + at + 8) === unit);
  return `${id} ${bytes.toString('latin1', textStart, textEnd)} ${isWhole ? 'whole' : `torn (${end - start})`}`;
}
