import { z } from 'zod';

/** A message ends in the history and on somebody's screen: it names so many issues, and how many more there are. */
const SHOWN_ISSUES = 20;
const SHOWN_CHARACTERS = 80;

/** One line an issue: key path, what was given, what is allowed. */
export function describeIssues(error: z.ZodError, given: unknown, schema: z.ZodType): string {
  const lines = error.issues.flatMap((issue) => describeIssue(issue, given, schema));
  const more = lines.length > SHOWN_ISSUES ? [`- and ${lines.length - SHOWN_ISSUES} more`] : [];
  return [...lines.slice(0, SHOWN_ISSUES), ...more].join('\n');
}

type Issue = z.core.$ZodIssue;

function describeIssue(issue: Issue, given: unknown, schema: z.ZodType): string[] {
  const path = issue.path.map(String);
  const where = path.map(cut).join('.') || 'the input';
  if (issue.code === 'unrecognized_keys') {
    const known = knownKeys(schema, path);
    const allowed = known.length > 0 ? `; known here: ${known.join(', ')}` : '';
    return issue.keys.map((key) => `- ${[...path, key].map(cut).join('.')}: unknown key${allowed}`);
  }
  if (issue.code === 'invalid_union' && issue.discriminator === undefined && issue.errors.length > 0) {
    return issue.errors.flat().map((inner) => `- ${where}: ${inner.message}`);
  }
  return [`- ${where}: given ${show(valueAt(given, path))}, allowed: ${allowed(issue)}`];
}

function allowed(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.expected;
    case 'invalid_value':
      return issue.values.map((value) => JSON.stringify(value)).join(' or ');
    case 'too_small':
      return `${issue.inclusive === false ? 'more than' : 'at least'} ${issue.minimum}${unitOf(issue.origin)}`;
    case 'too_big':
      return `${issue.inclusive === false ? 'less than' : 'at most'} ${issue.maximum}${unitOf(issue.origin)}`;
    default:
      return issue.message;
  }
}

function unitOf(origin: string): string {
  return { string: ' characters', array: ' entries' }[origin] ?? '';
}

function valueAt(given: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null && Object.hasOwn(value, key) ? Reflect.get(value, key) : undefined,
    given,
  );
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  // JSON, which inputs are, has no other numbers; what comes of 1e999 would be shown as null.
  return typeof value === 'number' ? String(value) : cut(JSON.stringify(value));
}

function cut(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS - 3)}...` : text;
}

/** The keys the schema knows at a path, so that a typing error can be seen beside the right word. */
function knownKeys(schema: z.ZodType, path: readonly string[]): string[] {
  let here: unknown = schema;
  for (const key of path) {
    here = unwrap(here);
    if (here instanceof z.ZodObject) here = here.shape[key];
    else if (here instanceof z.ZodRecord) here = here.valueType;
    else if (here instanceof z.ZodArray) here = here.element;
    else return [];
  }
  here = unwrap(here);
  return here instanceof z.ZodObject ? Object.keys(here.shape) : [];
}

function unwrap(schema: unknown): unknown {
  let here = schema;
  while (here instanceof z.ZodDefault || here instanceof z.ZodPrefault || here instanceof z.ZodOptional)
    here = here.unwrap();
  return here;
}
