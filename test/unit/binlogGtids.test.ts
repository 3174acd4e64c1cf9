import fc from 'fast-check';
import type { Position } from '../../domain/position';
import { encode } from '../../engines/mysql/binlog/commands';
import { GtidSet } from '../../engines/mysql/binlog/gtidSet';
import { MariadbGtids } from '../../engines/mysql/binlog/mariadbGtids';
import { containsPosition } from '../../engines/mysql/binlog/progress';

const UUIDS = ['3b8fe4cf-e5e8-11f1-aeb5-02fc00000001', '00000000-0000-0000-0000-000000000002'];
const gtids = fc.record({
  uuid: fc.constantFrom(...UUIDS),
  tag: fc.constantFrom('', 'a', 'b_1'),
  number: fc.bigInt({ min: 1n, max: 40n }),
});
const spell = ({ uuid, tag, number }: { uuid: string; tag: string; number: bigint }): string =>
  `${uuid}:${tag}:${number}`;

function setOf(members: readonly { uuid: string; tag: string; number: bigint }[]): GtidSet {
  const set = new GtidSet();
  for (const member of members) set.add(member);
  return set;
}

describe('a set of GTIDs of MySQL', () => {
  it('holds what was added, in whichever order, and nothing else', () => {
    fc.assert(
      fc.property(fc.array(gtids, { maxLength: 60 }), gtids, (members, other) => {
        const set = setOf(members);
        expect(set.contains(setOf([other]))).toBe(members.some((member) => spell(member) === spell(other)));
        expect(setOf([...members].reverse()).toString()).toBe(set.toString());
      }),
    );
  });

  it('contains another one exactly when it has all of its members', () => {
    fc.assert(
      fc.property(fc.array(gtids, { maxLength: 60 }), fc.array(gtids, { maxLength: 3 }), (members, others) => {
        const own = new Set(members.map(spell));
        expect(setOf(members).contains(setOf(others))).toBe(others.every((other) => own.has(spell(other))));
      }),
    );
  });

  it('is the same set when it is printed and parsed', () => {
    fc.assert(
      fc.property(fc.array(gtids, { maxLength: 60 }), (members) => {
        const text = setOf(members).toString();
        expect(GtidSet.parse(text).toString()).toBe(text);
        expect(GtidSet.parse(text).contains(setOf(members))).toBe(true);
        expect(setOf(members).contains(GtidSet.parse(text))).toBe(true);
      }),
    );
  });

  it('is printed as MySQL prints it', () => {
    const text = `${UUIDS[1]}:1-3:5,${UUIDS[0]}:1-19:my_tag:1:7-9:other:2`;
    expect(GtidSet.parse(text).toString()).toBe(text);
    expect(GtidSet.parse(`${UUIDS[0]!.toUpperCase()}:5-6:1-4,\n${UUIDS[1]}:2`).toString()).toBe(
      `${UUIDS[1]}:2,${UUIDS[0]}:1-6`,
    );
    expect(GtidSet.parse('').toString()).toBe('');
  });

  it.each(['x', `${UUIDS[0]}:0`, `${UUIDS[0]}:5-4`, `${UUIDS[0]}:1-`, 'a:b:c', "';"])('is not %s', (text) => {
    expect(() => GtidSet.parse(text)).toThrow(/not a set/);
  });

  it('is sent with the ends of its intervals excluded, and says when there are tags', () => {
    expect(encode(GtidSet.parse(`${UUIDS[0]}:1-3:5`)).toString('hex')).toBe(
      `01000000000000003b8fe4cfe5e811f1aeb502fc000000010200000000000000` +
        '0100000000000000' +
        '0400000000000000' +
        '0500000000000000' +
        '0600000000000000',
    );
    expect(encode(GtidSet.parse(`${UUIDS[0]}:1:ab:2`)).toString('hex')).toBe(
      `01020000000000013b8fe4cfe5e811f1aeb502fc00000001000100000000000000` +
        '0100000000000000' +
        '0200000000000000' +
        `3b8fe4cfe5e811f1aeb502fc000000010461620100000000000000` +
        '0200000000000000' +
        '0300000000000000',
    );
  });
});

describe('the GTIDs of MariaDB', () => {
  it('are one for each domain', () => {
    const gtids = MariadbGtids.parse('5-1-7,0-2-100');
    gtids.add({ domain: 0, server: 3, sequence: 101n });
    expect(gtids.toString()).toBe('0-3-101,5-1-7');
    expect(gtids.contains(MariadbGtids.parse('0-2-100'))).toBe(true);
    expect(gtids.contains(MariadbGtids.parse('0-2-102'))).toBe(false);
    expect(gtids.contains(MariadbGtids.parse('1-2-1'))).toBe(false);
    expect(() => MariadbGtids.parse("0-1-1'; DROP")).toThrow(/not a list/);
  });
});

describe('a position', () => {
  const at = (file: string, offset: string): Position => ({ kind: 'binlogFile', server: 's', file, offset });

  it.each([
    [at('b.000002', '4'), at('b.000001', '900'), true],
    [at('b.000001', '900'), at('b.000002', '4'), false],
    [at('b.999999', '4'), at('b.1000000', '4'), false],
    [at('b.000001', '900'), at('b.000001', '900'), true],
    [at('b.000001', '1000'), at('b.000001', '900'), true],
  ])('%j contains %j: %s', (position, other, expected) => {
    expect(containsPosition(position, other)).toBe(expected);
  });

  it('says nothing about one of another server or kind', () => {
    expect(() => containsPosition(at('b.1', '4'), { ...at('b.1', '4'), server: 'other' })).toThrow(
      /POSITION|different/,
    );
    expect(() => containsPosition(at('b.1', '4'), { kind: 'none', server: 's' })).toThrow(/different/);
  });
});
