import type { TargetNames } from '../engine';

/** `name` is cut off silently after NAMEDATALEN - 1 bytes (manual, "Lexical Structure"). */
const MAX_NAME_BYTES = 63;

/** The columns each table has already (manual, "System Columns"). */
const SYSTEM_COLUMNS = ['tableoid', 'xmin', 'cmin', 'xmax', 'cmax', 'ctid'];

/** What pg_get_keywords() of PostgreSQL 18 calls reserved, also where it can be the name of a function or type. */
const RESERVED_WORDS = `
  all analyse analyze and any array as asc asymmetric authorization binary both case cast check collate collation column
  concurrently constraint create cross current_catalog current_date current_role current_schema current_time
  current_timestamp current_user default deferrable desc distinct do else end except false fetch for foreign freeze from
  full grant group having ilike in initially inner intersect into is isnull join lateral leading left like limit
  localtime localtimestamp natural not notnull null offset on only or order outer overlaps placing primary references
  returning right select session_user similar some symmetric system_user table tablesample then to trailing true union
  unique user using variadic verbose when where window with`;

export const postgresNames: TargetNames = {
  maxBytes: MAX_NAME_BYTES,
  // PostgreSQL folds the letters of ASCII alone where the encoding is UTF-8.
  fold: (name) => name.replace(/[A-Z]+/gu, (letters) => letters.toLowerCase()),
  systemColumns: new Set(SYSTEM_COLUMNS),
  reservedWords: new Set(RESERVED_WORDS.trim().split(/\s+/u)),
};
