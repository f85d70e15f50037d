import { parseHostPort, printHost } from './host-port.ts';
import { type Parameters, parseParameters, printParameters } from './parameters.ts';
import { remembered } from './remembered.ts';

/** A `sip:` or `sips:` URI (RFC 3261 §19.1). `user` is everything before the `@`, escapes untouched. */
export interface SipUri {
  readonly scheme: 'sip' | 'sips';
  readonly user: string | undefined;
  readonly host: string;
  readonly port: number | undefined;
  readonly parameters: Parameters;
  /** What follows `?`; not allowed in a Request-URI. */
  readonly headers: string | undefined;
}

const scheme = /^([A-Za-z][A-Za-z0-9+.-]*):/;

/** The scheme in lower case, of any URI. */
export const uriScheme = (text: string): string | undefined => scheme.exec(text)?.[1]?.toLowerCase();

export const hasScheme = (text: string): boolean => scheme.test(text);

export const parseSipUri = remembered(readSipUri);

function readSipUri(text: string): SipUri | undefined {
  const name = uriScheme(text);
  if ((name !== 'sip' && name !== 'sips') || /[\s<>"]/.test(text)) return undefined;
  const rest = text.slice(name.length + 1);
  // An `@` has to be escaped everywhere else, while `;`, `?` and `:` are plain characters of a user part.
  const at = rest.lastIndexOf('@');
  const user = at === -1 ? undefined : rest.slice(0, at);
  const address = rest.slice(at + 1);
  const question = address.indexOf('?');
  const beforeHeaders = question === -1 ? address : address.slice(0, question);
  const semicolon = beforeHeaders.indexOf(';');
  const hostPort = parseHostPort(semicolon === -1 ? beforeHeaders : beforeHeaders.slice(0, semicolon));
  const parameters = semicolon === -1 ? [] : parseParameters(beforeHeaders, semicolon);
  if (user === '' || hostPort === undefined || parameters === undefined) return undefined;
  return {
    scheme: name,
    user,
    host: hostPort.host,
    port: hostPort.port,
    parameters,
    headers: question === -1 ? undefined : address.slice(question + 1),
  };
}

export function printSipUri(uri: SipUri): string {
  const user = uri.user === undefined ? '' : `${uri.user}@`;
  const port = uri.port === undefined ? '' : `:${uri.port}`;
  const headers = uri.headers === undefined ? '' : `?${uri.headers}`;
  return `${uri.scheme}:${user}${printHost(uri.host)}${port}${printParameters(uri.parameters)}${headers}`;
}
