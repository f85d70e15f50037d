import { type Parameters, parameterOf, parseParameters, printParameters } from './parameters.ts';
import { remembered } from './remembered.ts';
import { uriScheme } from './sip-uri.ts';

/** `"Display" <uri>;param=…` as in From, To, Contact, Route and Record-Route. `display` keeps its quotes. */
export interface NameAddress {
  readonly display: string;
  readonly uri: string;
  readonly parameters: Parameters;
}

const bracketed = /^("(?:[^"\\]|\\[\s\S])*"\s*|[^"<>,;]*)<([^<>]*)>/;

/** @returns undefined for what no reading allows: open quotes, commas in a bare display name, a URI without scheme. */
export const parseNameAddress = remembered(readNameAddress);

function readNameAddress(text: string): NameAddress | undefined {
  const found = bracketed.exec(text);
  if (found !== null) {
    const parameters = parseParameters(text.slice(found[0].length));
    const uri = (found[2] as string).trim();
    if (parameters === undefined || uriScheme(uri) === undefined || /\s/.test(uri)) return undefined;
    return { display: (found[1] as string).trim(), uri, parameters };
  }
  // RFC 3261 §20.10: without brackets, everything after a semicolon belongs to the header, and neither a comma nor a
  // question mark may stand in the URI.
  const semicolon = text.indexOf(';');
  const uri = (semicolon === -1 ? text : text.slice(0, semicolon)).trim();
  const parameters = semicolon === -1 ? [] : parseParameters(text.slice(semicolon));
  if (parameters === undefined || uriScheme(uri) === undefined || /[\s,?"<>]/.test(uri)) return undefined;
  return { display: '', uri, parameters };
}

export function printNameAddress(address: NameAddress): string {
  const display = address.display === '' ? '' : `${address.display} `;
  return `${display}<${address.uri}>${printParameters(address.parameters)}`;
}

/** The tag of a From or To value; `''` counts as none. */
export function tagOf(value: string | undefined): string | undefined {
  const parameters = value === undefined ? undefined : parseNameAddress(value)?.parameters;
  return (parameters && parameterOf(parameters, 'tag')) || undefined;
}
