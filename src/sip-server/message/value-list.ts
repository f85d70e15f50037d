import { remembered } from './remembered.ts';

/** As many as headers in a message by default: 70 hops leave 70 Vias. */
const elementLimit = 256;

/**
 * Splits a header value at its commas, leaving those inside quoted strings and angle brackets alone.
 * @returns undefined for an unterminated quote or bracket, for an empty element and for too many.
 */
export const splitValues = remembered(split);

function split(text: string): readonly string[] | undefined {
  const values: string[] = [];
  let start = 0;
  let quoted = false;
  let bracketed = false;
  for (let index = 0; index < text.length; index++) {
    const char = text[index];
    if (quoted) {
      if (char === '\\') index++;
      else if (char === '"') quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === '<') bracketed = true;
    else if (char === '>') bracketed = false;
    else if (char === ',' && !bracketed) {
      values.push(text.slice(start, index).trim());
      start = index + 1;
      if (values.length >= elementLimit) return undefined;
    }
  }
  if (quoted || bracketed) return undefined;
  values.push(text.slice(start).trim());
  return values.every((value) => value !== '') ? values : undefined;
}
