import type { Column } from '../../../domain/catalog';
import { quoteName } from '../quote';

/**
 * An address in its shortest usual form (RFC 5952). MariaDB shortens even a single group of zeros to `::`, which the
 * form leaves as it is: the number of colons tells such an address from one with more zeros.
 */
export function inetSql({ name, type }: Column): string {
  const text = `CAST(${quoteName(name)} AS CHAR)`;
  if (type.kind === 'inet' && type.version === 4) return text;
  const colons = `LENGTH(${text}) - LENGTH(REPLACE(${text}, ':', ''))`;
  return (
    `CASE WHEN ${text} LIKE '::%' AND ${colons} = 8 THEN CONCAT('0', SUBSTR(${text}, 2))` +
    ` WHEN ${text} LIKE '%::' AND ${colons} = 8 THEN CONCAT(LEFT(${text}, LENGTH(${text}) - 1), '0')` +
    ` WHEN ${text} LIKE '_%::%_' AND ${colons} = 7 THEN REPLACE(${text}, '::', ':0:') ELSE ${text} END`
  );
}
