import { refused, type WriteValue } from './writeValue';

/**
 * An ENUM's place among the column's labels: of a text the server guesses, and takes digits for a place. `given` are the
 * labels that the cell's number counts.
 */
export function enumFromPlace(given: readonly string[], labels: readonly string[]): WriteValue {
  const isSame = given.length === labels.length && given.every((label, place) => label === labels[place]);
  const places = given.map((label, place) => (isSame ? place : labels.indexOf(label)) + 1);
  return (out, bytes, start, end) => {
    const number = Number(bytes.toString('latin1', start, end));
    const place = places[number - 1] ?? 0;
    if (place === 0) throw refused(given[number - 1] ?? '', 'is no label of the source');
    out.text(String(place));
  };
}

export function enumFromText(labels: readonly string[]): WriteValue {
  return (out, bytes, start, end) => {
    const label = bytes.toString('utf8', start, end);
    const place = labels.indexOf(label) + 1;
    if (place === 0) throw refused(label, 'is no label of the source');
    out.text(String(place));
  };
}

/** A SET, of its labels with commas between them, as the number whose bits say which they are. */
export function setFromText(labels: readonly string[]): WriteValue {
  const bits = new Map<string, bigint>();
  labels.forEach((label, place) => {
    if (!bits.has(label)) bits.set(label, 1n << BigInt(place));
  });
  // Of some labels the server's catalog shows question marks in place of characters; the rows have them right.
  const isUnsure = labels.some((label) => label.includes('?'));
  return (out, bytes, start, end) => {
    let number = 0n;
    if (end > start) {
      for (const label of bytes.toString('utf8', start, end).split(',')) {
        const bit = bits.get(label);
        if (bit === undefined && isUnsure && !/^[\s\d+-]/.test(label)) {
          out.quoted(bytes, start, end);
          return;
        }
        if (bit === undefined) throw refused(label, 'is no label of the source');
        number |= bit;
      }
    }
    out.text(String(number));
  };
}
