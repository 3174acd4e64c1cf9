const DIGITS =
  '(SELECT 0 AS d UNION SELECT 1 UNION SELECT 2 UNION SELECT 3 UNION SELECT 4 UNION SELECT 5 UNION SELECT 6 UNION SELECT 7 UNION SELECT 8 UNION SELECT 9)';

/** A derived table of the numbers `i` from 1 to at most 100,000, in SQL that MySQL and MariaDB both take. */
export function numbers(most: number): string {
  const places = ['a', 'b', 'c', 'd', 'e'];
  const sum = places.map((place, power) => `${10 ** power} * ${place}.d`).join(' + ');
  const from = places.map((place) => `${DIGITS} AS ${place}`).join(', ');
  return `(SELECT i FROM (SELECT 1 + ${sum} AS i FROM ${from}) AS every WHERE i <= ${most}) AS numbered`;
}
