/**
 * Keys as expressions over the running number of a row of their table, so that every reference hits a row that exists.
 * Some numbers are left out, as after deletions.
 */
export function customerKey(index: string): string {
  return `(${index} + (${index}) DIV 25)`;
}

export function addressKey(index: string): string {
  return `(${index})`;
}

export function orderKey(index: string): string {
  return `(1000 + ${index} + (${index}) DIV 40)`;
}

export function couponKey(index: string): string {
  return `CONCAT('SAVE', LPAD(${index}, 7, '0'))`;
}

/** A running number from 1 to `count`, spread over the rows. */
export function anyOf(count: number): string {
  return `(1 + n MOD ${count})`;
}
