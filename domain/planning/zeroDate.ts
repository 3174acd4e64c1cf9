/** True of a date, with or without a time, whose year, month or day is zero; MySQL stores such, most others cannot. */
export function isZeroDate(text: string): boolean {
  return /^(?:0000-\d\d-\d\d|\d{4}-00-\d\d|\d{4}-\d\d-00)(?!\d)/.test(text.trim());
}
