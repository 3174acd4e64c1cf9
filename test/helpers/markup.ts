/** Tags that HTML never closes. */
const VOID = new Set(['meta', 'br', 'hr', 'img', 'link', 'input']);

export interface Element {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/**
 * The elements of a page, in order. Throws at the first thing that is not well-formed: a tag that is not closed, or
 * closed in the wrong order, an attribute without quotes, a bare `<`, `>` or `&`.
 */
export function elementsOf(page: string): Element[] {
  const body = page.replace(/^<!doctype html>\n/, '');
  const elements: Element[] = [];
  const open: string[] = [];
  let at = 0;
  for (const { 0: tag, index, groups = {} } of body.matchAll(TAG)) {
    textOf(body.slice(at, index));
    at = index + tag.length;
    const { close, name = '', attributes = '', empty } = groups;
    if (close !== undefined) {
      if (open.pop() !== close) throw new Error(`</${close}> closes nothing: ${around(body, index)}`);
      continue;
    }
    const pairs = [...attributes.matchAll(ATTRIBUTE)].map(({ 1: key = '', 2: value = '' }) => [key, textOf(value)]);
    elements.push({ name, attributes: Object.fromEntries(pairs) as Record<string, string> });
    if (empty === undefined && !VOID.has(name)) open.push(name);
  }
  textOf(body.slice(at));
  if (open.length > 0) throw new Error(`not closed: ${open.join(', ')}`);
  return elements;
}

/** The text of a page as a reader sees it. */
export function textOfPage(page: string): string {
  elementsOf(page);
  const body = page.replace(/^<!doctype html>\n/, '').replace(/<style>.*?<\/style>/s, '');
  return textOf(body.replaceAll(TAG, ' '));
}

const TAG =
  /<(?:\/(?<close>[a-z][a-z0-9]*)\s*|(?<name>[a-z][a-z0-9]*)(?<attributes>(?:\s+[\w:-]+="[^"<>]*")*)\s*(?<empty>\/)?)>/g;
const ATTRIBUTE = /([\w:-]+)="([^"]*)"/g;
const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" };

function textOf(markup: string): string {
  const bare = /[<>]|&(?!(?:amp|lt|gt|quot|#39);)/.exec(markup);
  if (bare !== null) throw new Error(`a bare ${bare[0]}: ${around(markup, bare.index)}`);
  return markup.replace(/&(#?\w+);/g, (_, name: string) => ENTITIES[name] ?? '');
}

function around(text: string, index: number): string {
  return text.slice(Math.max(0, index - 60), index + 60);
}
