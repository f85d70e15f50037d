/** Parameters of a header or URI, in order; a parameter without `=` has no value. Values keep their quotes. */
export type Parameters = readonly (readonly [name: string, value: string | undefined])[];

const parameter = /\s*;\s*([^\s;=,"<>]+)(?:\s*=\s*("(?:[^"\\]|\\[\s\S])*"|[^\s;,"<>]+))?/y;

/** More than this is no header but an attack on whoever reads it. */
const parameterLimit = 128;

/**
 * Reads `;name=value;flag …` up to the end of the text.
 * @returns undefined if anything else stands there, or too many.
 */
export function parseParameters(text: string): Parameters | undefined {
  const parameters: [string, string | undefined][] = [];
  parameter.lastIndex = 0;
  let end = 0;
  for (let found = parameter.exec(text); found !== null; found = parameter.exec(text)) {
    parameters.push([found[1] as string, found[2]]);
    end = parameter.lastIndex;
    if (parameters.length > parameterLimit) return undefined;
  }
  return text.slice(end).trim() === '' ? parameters : undefined;
}

export const printParameters = (parameters: Parameters): string =>
  parameters.map(([name, value]) => (value === undefined ? `;${name}` : `;${name}=${value}`)).join('');

/** The value of a parameter, `''` if it stands without one, undefined if it does not stand there. */
export function parameterOf(parameters: Parameters, name: string): string | undefined {
  for (const [key, value] of parameters) if (key.toLowerCase() === name) return value ?? '';
  return undefined;
}

export const withParameter = (parameters: Parameters, name: string, value: string): Parameters =>
  parameterOf(parameters, name) === undefined
    ? [...parameters, [name, value]]
    : parameters.map(([key, old]) => (key.toLowerCase() === name ? [key, value] : [key, old]));
