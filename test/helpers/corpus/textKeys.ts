import { bytes, text } from './cells';
import { key, keyed, pad, times, uuidOf, varchar } from './keyed';
import type { CorpusServer, CorpusTable } from './types';

/** Keys of characters, under collations that order them differently, and of bytes. */
export function textAndByteKeys(server: CorpusServer): CorpusTable[] {
  return [...textKeys(server), ...byteKeys()];
}

function textKeys({ flavour }: CorpusServer): CorpusTable[] {
  const words = [
    'A',
    'a1',
    'b',
    'Z',
    '_',
    '10',
    '9',
    'Äb',
    'zz',
    'key_99\\max',
    "it's",
    'é',
    'ß',
    'ı',
    '%',
    '😀',
    '\uffee',
    '',
  ];
  const many = [...words, ...times(100, (index) => `${index % 2 === 0 ? 'K' : 'k'}ey ${pad(index * 37, 4)}`)];
  const noPadding = flavour === 'mysql' ? 'utf8mb4_0900_bin' : 'utf8mb4_nopad_bin';
  return [
    keyed(
      'text_ci',
      [key('varchar(40) COLLATE utf8mb4_general_ci', varchar(40))],
      many.map((word) => [text(word)]),
    ),
    keyed(
      'text_bin',
      [key('varchar(40) COLLATE utf8mb4_bin', varchar(40))],
      [...many, 'a', 'B'].map((word) => [text(word)]),
    ),
    keyed(
      'text_latin1',
      [key('varchar(40) CHARACTER SET latin1', varchar(40))],
      many.filter((word) => /^[\0-\xff]*$/.test(word)).map((word) => [text(word)]),
    ),
    keyed(
      'text_no_padding',
      [key(`varchar(40) COLLATE ${noPadding}`, varchar(40))],
      [...many, 'a', 'a ', 'a  ', 'A ', ' a'].map((word) => [text(word)]),
    ),
    keyed(
      'char',
      [key('char(6) CHARACTER SET ascii', varchar(6))],
      times(60, (index) => [text(`c${index * 3}`)]),
    ),
    keyed(
      'long_text',
      [key('varchar(700) COLLATE utf8mb4_bin', varchar(700))],
      times(30, (index) => [text(`${'prefix'.repeat(100)}${pad(index, 3)}`)]),
    ),
    keyed(
      'prefix',
      [key('varchar(100)', varchar(100))],
      times(40, (index) => [text(`${pad(index, 4)} and more that the key leaves out`)]),
      {
        constraints: ['PRIMARY KEY (`id`(4))'],
      },
    ),
    keyed(
      'uuid_text',
      [key('char(36) CHARACTER SET ascii', varchar(36))],
      times(60, (index) => [text(uuidOf(index))]),
    ),
  ];
}

function byteKeys(): CorpusTable[] {
  return [
    keyed(
      'binary16',
      [key('binary(16)', 'bytea')],
      times(60, (index) => [bytes(uuidOf(index).replaceAll('-', ''))]),
    ),
    // One is the beginning of the next: only lengths tell them apart.
    keyed(
      'varbinary',
      [key('varbinary(40)', 'bytea')],
      [
        ...times(20, (index) => [bytes('00'.repeat(index))]),
        ...times(40, (index) => [bytes(`${pad(index, 2)}FF${'5C'.repeat(index % 3)}`)]),
      ],
    ),
  ];
}
