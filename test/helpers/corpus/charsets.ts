import { column, ID, table } from './build';
import { numbered } from './cells';
import type { Cell, CorpusServer, CorpusTable } from './types';

/** For each character set some bytes in it and the text they stand for, as its own standard has it. */
const SAMPLES: Readonly<Record<string, readonly (readonly [hex: string, text: string])[]>> = {
  armscii8: [['B2B3', 'Աա']],
  ascii: [['417A7E', 'Az~']],
  big5: [['A741A66E', '你好']],
  cp1250: [['8E6C759D', 'Žluť']],
  cp1251: [['CFF0E8E2E5F2', 'Привет']],
  cp1256: [['D3E1C7E3', 'سلام']],
  cp1257: [['DEE0736973', 'Žąsis']],
  cp850: [['477294E165', 'Größe']],
  cp852: [['9DA264AB', 'Łódź']],
  cp866: [['8FE0A8A2A5E2', 'Привет']],
  cp932: [
    ['8740815F8160', '①＼～'],
    ['834FB1', 'グｱ'],
  ],
  dec8: [['E963F7', 'écœ']],
  eucjpms: [['ADA18EB1', '①ｱ']],
  euckr: [['BEC8B3E7', '안녕']],
  gb2312: [['C4E3BAC3', '你好']],
  gbk: [
    ['C4E3BAC3', '你好'],
    ['8140', '丂'],
  ],
  geostd8: [['C0C1', 'აბ']],
  greek: [['D9ECDDE3E1', 'Ωμέγα']],
  hebrew: [['F9ECE5ED', 'שלום']],
  hp8: [['C5', 'é']],
  keybcs2: [['808292', 'ČéŽ']],
  koi8r: [['F0D2C9D7C5D4', 'Привет']],
  koi8u: [['B7D6C1CB', 'Їжак']],
  // Windows' code page 1252, with what it leaves undefined as control characters.
  latin1: [
    ['80', '€'],
    ['96', '–'],
    ['99', '™'],
    ['636166E980', 'café€'],
    ['818D8F909D', '\u0081\u008d\u008f\u0090\u009d'],
    ['FF', 'ÿ'],
  ],
  latin2: [['A3F364BC', 'Łódź']],
  latin5: [['DE69FE6C69', 'Şişli']],
  latin7: [['DEE0736973', 'Žąsis']],
  macce: [['FC976490', 'Łódź']],
  macroman: [['47729AA765DB', 'Größe€']],
  // A byte of 5F after 81 is a backslash here, not the full-width one.
  sjis: [
    ['834FB1', 'グｱ'],
    ['815F815C', '\\―'],
  ],
  swe7: [['5B5C5D7B7C7D', 'ÄÖÅäöå']],
  tis620: [['E4B7C2', 'ไทย']],
  ucs2: [['4F60597D', '你好']],
  ujis: [['C6FCCBDC8EB18FB0A1', '日本ｱ丂']],
  utf16: [['D83DDE00004100FC', '😀Aü']],
  utf16le: [['3DD800DE4100FC00', '😀Aü']],
  utf32: [['0001F60000000041', '😀A']],
  utf8mb3: [['C3A9E4BDA0', 'é你']],
  utf8mb4: [['F09F9880C3A9', '😀é']],
};

/** Only MySQL has it. */
const GB18030 = [['9439FC36C4E3', '😀你']] as const;

/** D1 to D4: a table for each character set, and the bytes that stand for no character. */
export function charsetTables({ flavour }: CorpusServer): CorpusTable[] {
  const samples = flavour === 'mysql' ? { ...SAMPLES, gb18030: GB18030 } : SAMPLES;
  return [
    ...Object.entries(samples).map(([charset, values]) => charsetTable(charset, values)),
    ...undecodable(flavour),
  ];
}

function charsetTable(charset: string, values: readonly (readonly [string, string])[]): CorpusTable {
  const rows = values.map(([hex, text]): Cell[] => [
    [`_${charset} X'${hex}'`, text],
    [`_${charset} X'${hex}'`, text],
  ]);
  return table({
    name: `d_${charset}`,
    covers: [charset === 'latin1' ? 'D1' : 'D3', ...(charset === 'latin1' ? ['D2'] : [])],
    columns: [
      ID,
      column('short', `varchar(40) CHARACTER SET ${charset}`, 'character varying(40)'),
      column('long', `text CHARACTER SET ${charset}`, 'text'),
    ],
    rows: numbered(rows),
  });
}

/** Well-formed bytes without a character: servers answer `?` for them, in silence. */
function undecodable(flavour: CorpusServer['flavour']): CorpusTable[] {
  const bad = (hex: string): Cell => [`X'${hex}'`, { rejected: 'always' }];
  const one = (charset: string, cells: readonly Cell[]) =>
    table({
      name: `d_${charset}_undecodable`,
      covers: ['D4'],
      columns: [ID, column('value', `varchar(20) CHARACTER SET ${charset}`, 'character varying(20)')],
      rows: numbered([...cells.map((cell) => [cell]), [["'plain'", 'plain']]]),
    });
  return [
    one('gbk', [bad('A380'), bad('41A38042')]),
    // MariaDB stores any byte in an ascii column; MySQL does not.
    ...(flavour === 'mariadb' ? [one('ascii', [bad('E9')])] : []),
  ];
}
