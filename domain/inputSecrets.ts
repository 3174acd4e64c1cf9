import { connectionVariable } from './connectionName';
import { MigrationError } from './errors';

/** Deeper than any documented shape, switch bodies included; what a recursion can bear is far more. */
const MAX_DEPTH = 64;
/** Every phase's activity carries parts of the input, and Temporal takes no message above 2 MB. */
const MAX_CHARACTERS = 524_288;

/** What is left to look at, with the way to it as a chain, so that nothing is copied for a path nobody asks for. */
interface Place {
  readonly value: unknown;
  readonly key: string;
  readonly depth: number;
  readonly parent: Place | null;
}

/**
 * Refuses what should go no further, before anything recursive reads it: an input that is too deep or too large
 * (INPUT_INVALID), and one that holds a password anywhere, keys included (INPUT_HAS_SECRET). The latter's message names
 * the variable to set and never repeats what was given, because it ends in the history.
 */
export function refuseUnreadable(given: unknown): void {
  const places: Place[] = [{ value: given, key: '', depth: 0, parent: null }];
  let characters = 0;
  for (let place = places.pop(); place !== undefined; place = places.pop()) {
    const { value, depth } = place;
    characters += place.key.length + (typeof value === 'string' ? value.length : 0) + 1;
    if (characters > MAX_CHARACTERS) throw tooLarge();
    if (holdsPassword(place.key)) throw secretFound(pathOf(place.parent));
    if (typeof value === 'string' && holdsPassword(value)) throw secretFound(pathOf(place));
    if (typeof value !== 'object' || value === null) continue;
    if (depth >= MAX_DEPTH) throw tooDeep(pathOf(place));
    if (ArrayBuffer.isView(value)) throw new MigrationError('INPUT_INVALID', 'given bytes, allowed: JSON');
    const entries = Object.entries(value);
    if (entries.length > MAX_CHARACTERS) throw tooLarge();
    // Last in, first out: pushed backwards, so that the first of several is the one that is named.
    for (const [key, inner] of entries.reverse()) places.push({ value: inner, key, depth: depth + 1, parent: place });
  }
}

/**
 * Whether a text holds a URL with a password: `scheme://user:password@host`, or a query's `password=`. Takes a time that
 * grows with the length alone, whatever the text is.
 */
export function holdsPassword(text: string): boolean {
  if (!text.includes('://')) return false;
  return text.split(/\s+/u).some((word) => holdsUserInfo(word) || holdsParameter(word));
}

function holdsUserInfo(word: string): boolean {
  const lastAt = word.lastIndexOf('@');
  for (let at = word.indexOf('://'); at >= 0; at = word.indexOf('://', at + 3)) {
    if (at === 0 || !/[a-z0-9+.-]/iu.test(word.charAt(at - 1))) continue;
    const user = /[/:@]/u.exec(word.slice(at + 3, at + 3 + MAX_USER));
    if (user?.[0] !== ':') continue;
    const password = at + 3 + user.index + 1;
    // A port and a path, such as http://host:8080/@me, are no password.
    const isPort = /^\d{1,5}[/?#]/u.test(word.slice(password, password + 6));
    if (!isPort && lastAt > password) return true;
  }
  return false;
}

/** Longer than any server takes a user's name, percent-encoded. */
const MAX_USER = 1_000;

function holdsParameter(word: string): boolean {
  return word.includes('://') && /[?&](?:password|passwd|pwd)=[^&#]/iu.test(word);
}

function pathOf(place: Place | null): string[] {
  const path: string[] = [];
  for (let here = place; here?.parent; here = here.parent) path.unshift(here.key);
  return path;
}

function tooLarge(): MigrationError {
  return new MigrationError(
    'INPUT_INVALID',
    `the input is larger than ${MAX_CHARACTERS.toLocaleString('en')} characters: use patterns instead of lists of names`,
  );
}

function tooDeep(path: readonly string[]): MigrationError {
  const where = path.slice(0, 4).join('.');
  return new MigrationError('INPUT_INVALID', `${where}: nested deeper than the allowed ${MAX_DEPTH} levels`);
}

function secretFound(path: readonly string[]): MigrationError {
  const where = path.join('.') || 'the input';
  const variable = connectionVariable(path[0] === 'source' || path[0] === 'target' ? `my_${path[0]}` : 'name');
  return new MigrationError(
    'INPUT_HAS_SECRET',
    `${where}: a URL with a password was given, and what is given here is kept in the history: change that password. ` +
      `Set the URL on the worker as ${variable} (or ${variable}_FILE) and give the connection's name here instead.`,
  );
}
