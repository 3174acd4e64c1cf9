import { quoteText } from '../quote';

/** True when PostgreSQL prints the label within an array as it is, without quotes (manual, "Array Input and Output"). */
export function isPlainLabel(label: string): boolean {
  return label !== '' && !/[\s{}",\\]/.test(label) && label.toUpperCase() !== 'NULL';
}

/** The SQL constant of a label as PostgreSQL prints it within an array. */
export function quoteLabel(label: string): string {
  return quoteText(isPlainLabel(label) ? label : `"${label.replaceAll(/["\\]/g, '\\$&')}"`);
}
