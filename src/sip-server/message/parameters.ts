import { endOfPiece, endOfQuoted, skipSpaces, spaces, stopsAt } from './value-scan.ts';

/** Parameters of a header or URI, in order; a parameter without `=` has no value. Values keep their quotes. */
export type Parameters = readonly (readonly [name: string, value: string | undefined])[];

const behindName = stopsAt(`${spaces};=,"<>`);
const behindValue = stopsAt(`${spaces};,"<>`);
const [quote, semicolon, equals] = [0x22, 0x3b, 0x3d] as const;

/** More than this is no header but an attack on whoever reads it. */
const parameterLimit = 128;

/**
 * Reads `;name=value;flag …` from a place up to the end of the text.
 * @returns undefined if anything else stands there, or too many.
 */
export function parseParameters(text: string, from = 0): Parameters | undefined {
  const parameters: [string, string | undefined][] = [];
  let at = skipSpaces(text, from);
  while (at < text.length) {
    const name = skipSpaces(text, at + 1);
    const nameEnd = endOfPiece(text, name, behindName);
    if (text.charCodeAt(at) !== semicolon || nameEnd === name) return undefined;
    at = skipSpaces(text, nameEnd);
    let value: string | undefined;
    if (text.charCodeAt(at) === equals) {
      const start = skipSpaces(text, at + 1);
      const isQuoted = text.charCodeAt(start) === quote;
      const end = isQuoted ? endOfQuoted(text, start) : endOfPiece(text, start, behindValue);
      if (end === start) return undefined;
      value = text.slice(start, end);
      at = skipSpaces(text, end);
    }
    parameters.push([text.slice(name, nameEnd), value]);
    if (parameters.length > parameterLimit) return undefined;
  }
  return parameters;
}

export function printParameters(parameters: Parameters): string {
  let text = '';
  for (const [name, value] of parameters) text += value === undefined ? `;${name}` : `;${name}=${value}`;
  return text;
}

/** The value of a parameter, `''` if it stands without one, undefined if it does not stand there. */
export function parameterOf(parameters: Parameters, name: string): string | undefined {
  for (const [key, value] of parameters) if (isNamed(key, name)) return value ?? '';
  return undefined;
}

export const withParameter = (parameters: Parameters, name: string, value: string): Parameters =>
  parameterOf(parameters, name) === undefined
    ? [...parameters, [name, value]]
    : parameters.map(([key, old]) => (isNamed(key, name) ? [key, value] : [key, old]));

const isNamed = (key: string, name: string): boolean => key.length === name.length && key.toLowerCase() === name;
