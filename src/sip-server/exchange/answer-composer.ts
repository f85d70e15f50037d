import type { ClientResponse } from '../client-protocol/client-message.ts';
import { answerHeaders, type SessionTerms } from '../dialog/session-terms.ts';
import { parseNameAddress } from '../message/name-address.ts';
import { parameterOf } from '../message/parameters.ts';
import { responseTo } from '../message/response-to.ts';
import { type HeaderField, headerOf, headersOf, type SipRequest, type SipResponse } from '../message/sip-message.ts';
import type { Flow } from '../transport/flow.ts';
import { contactFor, contentTypeFor, ownHeaders, withOwnHost } from './client-headers.ts';
import type { Exchange } from './exchange.ts';

// Methods whose answers name the address at which the dialog, or the subscription, is served from now on.
const contactMethods: ReadonlySet<string> = new Set(['INVITE', 'SUBSCRIBE', 'UPDATE', 'REFER', 'NOTIFY']);
const dialogForming: ReadonlySet<string> = new Set(['INVITE', 'SUBSCRIBE', 'REFER', 'NOTIFY']);

/** The tag that the application put into To, if it did. */
export function givenTag(message: ClientResponse): string | undefined {
  const to = parseNameAddress(headerOf(message, 'To') ?? '');
  return to === undefined ? undefined : parameterOf(to.parameters, 'tag');
}

/** @returns undefined for a body without a type. */
export function composeAnswer(
  exchange: Exchange,
  request: SipRequest,
  flow: Flow,
  message: ClientResponse,
  options: {
    readonly toTag: string | undefined;
    readonly extra?: readonly HeaderField[];
    readonly terms?: SessionTerms | undefined;
  },
): SipResponse | undefined {
  const type = contentTypeFor(message.headers, message.body);
  if (type === undefined) return undefined;
  const own = exchange.layer.transports.ownAddress(flow);
  const headers: HeaderField[] = [];
  const { status } = message;
  // RFC 3261 §12.1.1: what forms a dialog repeats Record-Route and says where we are.
  const forms = status > 100 && status < 300;
  if (forms && dialogForming.has(request.method)) {
    headers.push(...headersOf(request, 'Record-Route').map((value) => ({ name: 'Record-Route', value })));
  }
  const contact = headerOf(message, 'Contact');
  if (forms && contactMethods.has(request.method)) headers.push(contactFor(contact, flow, own));
  else if (contact !== undefined) headers.push({ name: 'Contact', value: withOwnHost(contact, own) });
  headers.push(...(options.extra ?? []), ...answerHeaders(options.terms));
  for (const field of ownHeaders(message.headers)) {
    // What the application wants of the session has become part of the terms.
    if (field.name === 'Session-Expires') continue;
    headers.push(field.name === 'P-Asserted-Identity' ? { ...field, value: withOwnHost(field.value, own) } : field);
  }
  headers.push(...type);
  return responseTo(request, status, {
    reason: message.reason,
    toTag: status === 100 ? undefined : options.toTag,
    headers,
    body: message.body,
  });
}
