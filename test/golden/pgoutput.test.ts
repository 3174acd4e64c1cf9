import type { CanonicalType } from '../../domain/canonicalType';
import type { PlannedTable } from '../../domain/plan';
import type { SchemaChange } from '../../engines/engine';
import { Progress } from '../../engines/postgres/changes/progress';
import { Transactions } from '../../engines/postgres/changes/transactions';
import { KEEPALIVE, readKeepalive, writeStatus } from '../../engines/postgres/changes/walMessages';
import { column, table } from '../helpers/catalogs';
import { thrownBy } from '../helpers/thrown';
import { KeepingSink, UNCHANGED } from '../scenarios/binlog/following';
import { planned } from '../scenarios/mysqlSource/stage';
import { RECORDED } from './pgoutputMessages';

const integer = (bits: 32 | 64): CanonicalType => ({ kind: 'integer', bits, unsigned: false });

const SHOP = table('Shop', [
  column('id', 'bigint', integer(64)),
  column('name', 'varchar(20)', { kind: 'text', length: 20 }),
  column('price', 'numeric(8,2)', { kind: 'decimal', precision: 8, scale: 2 }),
  column('at', 'timestamptz(3)', { kind: 'timestamp', precision: 3, zoned: true }),
  column('m', '"public"."mood"', { kind: 'enum', labels: ['sad', 'glad'] }),
]);
const BY_KEY = table('by_key', [
  column('id', 'integer', integer(32)),
  column('large', 'text', { kind: 'text', length: null }),
]);
const PLANS = [planned(SHOP), planned(BY_KEY)];

function decode(messages: readonly string[], plans: readonly PlannedTable[] = PLANS) {
  const sink = new KeepingSink(plans);
  const schemaChanges: SchemaChange[] = [];
  const transactions = new Transactions({
    tables: plans,
    schema: 'public',
    skippedOrigin: 'ours',
    tellsPartialRows: true,
    progress: new Progress('server', 0n),
    sink,
    onSchemaChange: (change) => schemaChanges.push(change),
  });
  for (const message of messages) {
    // As they come: behind other bytes, and before others.
    const bytes = Buffer.from(`ffffff${message}00ffff`, 'hex');
    expect(transactions.message(bytes, 3, 3 + message.length / 2)).toBeNull();
  }
  return { sink, schemaChanges };
}

const at = (lsn: string) => ({ kind: 'lsn', server: 'server', lsn });

test.each(['14', '18'] as const)('messages recorded from PostgreSQL %s are told as what they say', (version) => {
  const { sink, schemaChanges } = decode(RECORDED[version]);
  const told = sink.transactions.map(({ changes }) =>
    changes.map(({ kind, table: name, before, after }) => [kind, name, before, after]),
  );
  const moment = '2024-02-29 10:00:00.5';
  const large = 'x'.repeat(2100);
  // PostgreSQL 14 tells of transactions without changes, too.
  const before = version === '14' ? [[]] : [];
  expect(told).toEqual([
    ...before,
    [['insert', 'Shop', null, ['1', 'tea Ã¼', '1.50', moment, '2']]],
    [['update', 'Shop', ['1', 'tea Ã¼', '1.50', moment, '2'], ['2', null, '1.50', moment, '2']]],
    [['delete', 'Shop', ['2', null, '1.50', moment, '2'], null]],
    [['insert', 'by_key', null, ['1', large]]],
    [['update', 'by_key', ['1', UNCHANGED], ['2', UNCHANGED]]],
    // Written under our own origin.
    [],
  ]);
  const last = sink.transactions.at(-1)!.position;
  expect(schemaChanges).toEqual([
    {
      position: last,
      behind: version === '14' ? at('0/1720CA8') : at('0/17855C0'),
      statement: 'TRUNCATE "Shop", "by_key" RESTART IDENTITY',
      tables: ['Shop', 'by_key'],
    },
  ]);
  const first = sink.transactions.find(({ changes }) => changes.length > 0);
  expect(first?.position).toEqual(version === '14' ? at('0/171E948') : at('0/1783138'));
  expect(new Date(first!.committedAtMs).getUTCFullYear()).toBe(2026);
});

test('a message that is cut short at any place, or goes on behind its end, is refused', () => {
  const messages = RECORDED['18'];
  const refused = (before: readonly string[], message: string) =>
    thrownBy(() => decode([...before, message])).code === 'LOG_UNREADABLE';
  for (const [index, message] of messages.entries()) {
    const before = messages.slice(0, index);
    // A row under our own origin is not read at all.
    if (before.at(-1)?.startsWith('4f')) continue;
    for (let bytes = 0; bytes < Math.min(message.length / 2, 400); bytes++) {
      expect([index, bytes, refused(before, message.slice(0, bytes * 2))]).toEqual([index, bytes, true]);
    }
    expect([index, refused(before, `${message}00`)]).toEqual([index, true]);
  }
});

test('rows amid no transaction, of a table without a name, and messages of a later protocol are refused', () => {
  const [begin = '', type = '', relation = '', insert = '', , commit = ''] = RECORDED['18'];
  for (const messages of [[type, relation, insert], [begin, insert], [begin, '53'], [begin, begin], [commit]]) {
    expect(thrownBy(() => decode(messages))).toMatchObject({ code: 'LOG_UNREADABLE' });
  }
});

test('a keepalive is read, and an answer written, as the protocol has them', () => {
  const keepalive = Buffer.from('6b00000016b374d848000303cf10bec2a201', 'hex');
  expect(keepalive[0]).toBe(KEEPALIVE);
  expect(readKeepalive(keepalive)).toEqual({ sent: 0x16b374d848n, wantsAnswer: true });
  const status = writeStatus({ received: 0x16b374d848n, confirmed: 5n, asksForAnswer: true });
  expect(status.subarray(0, 30).toString('hex')).toBe(
    '640000002672' + '00000016b374d848' + '0000000000000005' + '0000000000000005',
  );
  expect(status).toHaveLength(39);
  expect(status.at(-1)).toBe(1);
});
