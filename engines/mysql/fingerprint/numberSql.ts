import type { Column } from '../../../domain/catalog';
import type { Flavour } from '../flavour';
import { quoteName } from '../quote';

/** A number without what its declaration adds to its text: ZEROFILL's zeros, YEAR's four digits, BIT's bytes. */
export function numberSql(source: Column): string {
  const name = quoteName(source.name);
  const decorated = source.type.kind === 'bits' || source.type.kind === 'year' || /zerofill/i.test(source.declaredType);
  return decorated ? `(${name} + 0)` : name;
}

/** A number's digits with exactly `scale` of them behind the point, as long as none but zeros must go for that. */
export function decimalSql(source: Column, scale: number): string {
  const number = numberSql(source);
  const given = source.type.kind === 'decimal' ? source.type.scale : 0;
  if (given === scale) return number;
  const more = scale - given;
  if (more > 0) return `CONCAT(${number}, '${given === 0 ? '.' : ''}${'0'.repeat(more)}')`;
  const surplus = `${scale === 0 ? '.' : ''}${'0'.repeat(-more)}`;
  const text = `CAST(${number} AS CHAR)`;
  return `IF(RIGHT(${text}, ${surplus.length}) = '${surplus}', LEFT(${text}, LENGTH(${text}) - ${surplus.length}), ${text})`;
}

/**
 * The shortest digits of a double: plain for 1e-15 and more, with an exponent below that and from 1e15. Within an
 * expression MySQL turns to an exponent also where the plain digits are many; MariaDB does not. FLOAT is read as the
 * double it stands for, because its own text is rounded to six digits; so is DOUBLE(m, d), which prints d of them.
 */
export function doubleSql(source: Column, flavour: Flavour): string {
  const name = quoteName(source.name);
  const plain = source.type.kind === 'double' && !/[(z]/i.test(source.declaredType);
  const double = plain ? name : `CAST(${name} AS DOUBLE)`;
  if (flavour === 'mariadb') return double;
  const tiny = `ABS(${double}) < 1e-4 AND ABS(${double}) >= 1e-15`;
  const fixed = `TRIM(TRAILING '0' FROM CAST(${double} AS DECIMAL(65, 30)))`;
  // What is computed gets 22 characters: a minus would cost the last digit.
  const whole = plain ? double : `IF(${double} < 0, CONCAT('-', -${double}), ${double})`;
  return `IF(${tiny}, ${fixed}, ${whole})`;
}
