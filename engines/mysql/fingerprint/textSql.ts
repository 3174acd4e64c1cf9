import { UNEQUAL } from '../../../domain/canonicalText';
import type { PlannedColumn } from '../../../domain/plan';
import { quoteHex, quoteName } from '../quote';

/** Sets whose every stored value has an exact counterpart in UTF-8. */
const LOSSLESS = new Set(['utf8mb4', 'utf8mb3', 'utf8', 'latin1']);
/** Sets whose codes are Unicode's own, so that an exact conversion can be undone. */
const UNICODE = new Set(['ucs2', 'utf16', 'utf16le', 'utf32']);

/** Text in UTF-8, NUL left out where the policy says so. What has no counterpart in UTF-8 equals nothing. */
export function textSql({ source, policies }: PlannedColumn): string {
  const name = quoteName(source.name);
  const charset = source.charset?.toLowerCase() ?? 'utf8mb4';
  const converted = charset === 'utf8mb4' ? name : `CONVERT(${name} USING utf8mb4)`;
  const exact = LOSSLESS.has(charset)
    ? converted
    : `IF(${isExact(name, converted, charset)}, ${converted}, ${textConstant(`${UNEQUAL}no Unicode`)})`;
  if (policies.nulCharacters === 'reject') return exact;
  // In UTF-8 a byte of zero is nothing but NUL; replacing bytes keeps collations out of it.
  return `CONVERT(REPLACE(CAST(${exact} AS BINARY), X'00', X'') USING utf8mb4)`;
}

/** The server writes a question mark for what it cannot convert, and says nothing. NULL for NULL. */
function isExact(name: string, converted: string, charset: string): string {
  const bytes = `CAST(${name} AS BINARY)`;
  if (UNICODE.has(charset))
    return `CAST(CONVERT(${converted} USING ${charset}) AS BINARY) = ${bytes} OR ${name} IS NULL`;
  // None of the other sets has a question mark's byte within a longer code.
  return `${questionMarks(`CAST(${converted} AS BINARY)`)} = ${questionMarks(bytes)} OR ${name} IS NULL`;
}

function questionMarks(bytes: string): string {
  return `LENGTH(${bytes}) - LENGTH(REPLACE(${bytes}, '?', ''))`;
}

/** A constant of any characters, safe whatever the session's way with escapes. */
export function textConstant(text: string): string {
  return `_utf8mb4 ${quoteHex(Buffer.from(text).toString('hex'))}`;
}
