import { printHostPort } from '../message/host-port.ts';
import { parseNameAddress, printNameAddress } from '../message/name-address.ts';
import { parameterOf, withParameter } from '../message/parameters.ts';
import { type HeaderField, headerOf } from '../message/sip-message.ts';
import { parseSipUri, printSipUri } from '../message/sip-uri.ts';
import type { Flow, SocketAddress } from '../transport/flow.ts';

// What the stack alone decides; an application that sets one of these is not heard.
const stackOnly: ReadonlySet<string> = new Set(['Via', 'Route', 'RSeq', 'Record-Route', 'Content-Length']);
const dialogOnly: ReadonlySet<string> = new Set(['From', 'To', 'Call-ID', 'CSeq', 'Contact', 'Max-Forwards']);

/** What an application added of its own: everything but the headers that this server composes. */
export const ownHeaders = (headers: readonly HeaderField[]): readonly HeaderField[] =>
  headers.filter(({ name, value }) => !stackOnly.has(name) && !dialogOnly.has(name) && value !== '');

/** Puts our address in the place of `localhost`, which is how the library writes "whatever address this goes out from". */
export function withOwnHost(value: string, own: SocketAddress, port?: number): string {
  const address = parseNameAddress(value);
  const uri = address === undefined ? undefined : parseSipUri(address.uri);
  if (address === undefined || uri === undefined || uri.host.toLowerCase() !== 'localhost') return value;
  return printNameAddress({ ...address, uri: printSipUri({ ...uri, host: own.address, port: port ?? uri.port }) });
}

/** The Contact of a message that goes over `flow`: the application's, or just our address. */
export function contactFor(given: string | undefined, flow: Flow, own: SocketAddress): HeaderField {
  const needsTransport = flow.protocol !== 'udp';
  const address = given === undefined ? undefined : parseNameAddress(given);
  if (given === undefined || address === undefined) {
    const transport = needsTransport ? `;transport=${flow.protocol}` : '';
    return { name: 'Contact', value: `<sip:${printHostPort(own.address, own.port)}${transport}>` };
  }
  const uri = parseSipUri(address.uri);
  if (uri?.host.toLowerCase() !== 'localhost') return { name: 'Contact', value: given };
  const parameters =
    needsTransport && parameterOf(uri.parameters, 'transport') === undefined
      ? withParameter(uri.parameters, 'transport', flow.protocol)
      : uri.parameters;
  const local = printSipUri({ ...uri, host: own.address, port: own.port, parameters });
  return { name: 'Contact', value: printNameAddress({ ...address, uri: local }) };
}

/**
 * The Content-Type that a body needs and the application may have left out.
 * @returns undefined if nobody can tell what the body is.
 */
export function contentTypeFor(headers: readonly HeaderField[], body: Uint8Array): readonly HeaderField[] | undefined {
  if (body.length === 0 || headerOf({ headers }, 'Content-Type') !== undefined) return [];
  const isSdp = body[0] === 0x76 && body[1] === 0x3d && body[2] === 0x30;
  return isSdp ? [{ name: 'Content-Type', value: 'application/sdp' }] : undefined;
}
