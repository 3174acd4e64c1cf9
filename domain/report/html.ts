/** Text that is HTML already, because `html` made it. There is no other way to make one. */
export class Html {
  private readonly markup: string;

  private constructor(markup: string) {
    this.markup = markup;
  }

  /**
   * A piece of a page. What is put into it is shown as text, whatever it holds; other pieces are put in as they are.
   * Null puts in nothing.
   */
  static from(parts: readonly string[], values: readonly Content[]): Html {
    return new Html(parts.map((part, index) => part + markupOf(values[index] ?? null)).join(''));
  }

  toString(): string {
    return this.markup;
  }
}

export type Content = string | number | Html | null | readonly Content[];

/** The tag of every template of the report. */
export function html(parts: TemplateStringsArray, ...values: readonly Content[]): Html {
  return Html.from(parts, values);
}

function markupOf(value: Content): string {
  if (value === null) return '';
  if (value instanceof Html) return value.toString();
  if (typeof value === 'object') return value.map(markupOf).join('');
  return escapeText(String(value));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Safe between tags and in quoted attributes. What no document may hold becomes the replacement character. */
export function escapeText(text: string): string {
  return text
    .replace(/[\p{Cs}\p{Cc}\ufffe\uffff]/gu, (character) => (/[\t\n\r]/.test(character) ? character : '\ufffd'))
    .replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
}
