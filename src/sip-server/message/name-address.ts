import { type Parameters, parameterOf, parseParameters, printParameters } from './parameters.ts';
import { remembered } from './remembered.ts';
import { hasScheme } from './sip-uri.ts';
import { endOfPiece, endOfQuoted, skipSpaces, stopsAt } from './value-scan.ts';

/** `"Display" <uri>;param=…` as in From, To, Contact, Route and Record-Route. `display` keeps its quotes. */
export interface NameAddress {
  readonly display: string;
  readonly uri: string;
  readonly parameters: Parameters;
}

const behindName = stopsAt('"<>,;');
const behindUri = stopsAt('<>');
const [quote, opening, closing] = [0x22, 0x3c, 0x3e] as const;

/** @returns undefined for what no reading allows: open quotes, commas in a bare display name, a URI without scheme. */
export const parseNameAddress = remembered(readNameAddress);

function readNameAddress(text: string): NameAddress | undefined {
  const isQuoted = text.charCodeAt(0) === quote;
  const open = isQuoted ? skipSpaces(text, endOfQuoted(text, 0)) : endOfPiece(text, 0, behindName);
  if (text.charCodeAt(open) === opening) {
    const close = endOfPiece(text, open + 1, behindUri);
    const parameters = parseParameters(text, close + 1);
    const uri = text.slice(open + 1, close).trim();
    if (text.charCodeAt(close) !== closing || parameters === undefined || !hasScheme(uri) || /\s/.test(uri)) {
      return undefined;
    }
    return { display: text.slice(0, open).trim(), uri, parameters };
  }
  // RFC 3261 §20.10: without brackets, everything after a semicolon belongs to the header, and neither a comma nor a
  // question mark may stand in the URI.
  const semicolon = text.indexOf(';');
  const uri = (semicolon === -1 ? text : text.slice(0, semicolon)).trim();
  const parameters = semicolon === -1 ? [] : parseParameters(text, semicolon);
  if (parameters === undefined || !hasScheme(uri) || /[\s,?"<>]/.test(uri)) return undefined;
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
