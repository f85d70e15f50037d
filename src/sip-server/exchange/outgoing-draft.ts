import { randomInt } from 'node:crypto';
import type { Client } from '../client-protocol/client.ts';
import type { ClientRequest } from '../client-protocol/client-message.ts';
import { requestHeaders } from '../dialog/session-terms.ts';
import { parseCommandSequence } from '../message/command-sequence.ts';
import { parseNameAddress, printNameAddress } from '../message/name-address.ts';
import { parameterOf, withParameter } from '../message/parameters.ts';
import { type HeaderField, headerOf, type SipRequest } from '../message/sip-message.ts';
import { uriScheme } from '../message/sip-uri.ts';
import { newToken, newUuid } from '../message/token.ts';
import type { Flow } from '../transport/flow.ts';
import { contactFor, contentTypeFor, ownHeaders, withOwnHost } from './client-headers.ts';
import { missingContentType } from './client-refusals.ts';
import type { ClientDialog, Exchange } from './exchange.ts';
import { flowsOf } from './route.ts';

/** A request of an application, complete but not sent. */
export interface OutgoingDraft {
  readonly request: SipRequest;
  readonly flow: Flow;
  /** The name of the next hop has no address now: it fails as if the network had refused it. */
  readonly unreachable: boolean;
  /** The same request for the next target, with a branch of its own; undefined when there is none. */
  next(): OutgoingDraft | undefined;
  /** The transport failed. */
  refused(): void;
}

/** RFC 3261 §18.1.1: longer than this, a request has to go by a transport that knows congestion. */
const longestByUdp = 1_300;

const contactMethods: ReadonlySet<string> = new Set(['INVITE', 'SUBSCRIBE', 'REFER', 'UPDATE', 'NOTIFY']);

/** Completes what the application left out and calls `use`; or tells the application why that cannot be sent. */
export function prepareRequest(
  exchange: Exchange,
  client: Client,
  message: ClientRequest,
  dialog: ClientDialog | undefined,
  use: (draft: OutgoingDraft) => void,
): void {
  const refuse = (reason: string): void => client.reply(message.id, { ok: false, reason });
  const type = contentTypeFor(message.headers, message.body);
  if (type === undefined) {
    refuse(missingContentType);
    return;
  }
  const nextHop = message.nextHop === '' ? (dialog?.nextHop ?? message.uri) : message.nextHop;
  flowsOf(exchange, nextHop, message.nextHop === '' ? dialog : undefined, (found) => {
    if (typeof found === 'string') {
      refuse(found);
      return;
    }
    const base = dialog === undefined ? newRequest(exchange, message) : withinDialog(message, dialog);
    if (base === undefined) {
      refuse('invalid From, To or CSeq');
      return;
    }
    const compose = (flow: Flow): SipRequest => {
      const { uri, headers } = base(flow);
      const via = { name: 'Via', value: exchange.layer.newVia(flow) };
      const all = [
        via,
        ...headers,
        ...sharedHeaders(exchange, message, flow),
        ...keptSession(message, dialog),
        ...type,
      ];
      return { kind: 'request', method: message.method, uri, headers: all, body: message.body };
    };
    const flows = found.length === 0 ? [nowhere(exchange, dialog)] : found;
    const draft = draftOf(exchange, flows, compose, found.length === 0);
    if (draft !== undefined) use(draft);
  });
}

/** By the first of these flows that is left, by TCP if the request is long and the peer is not known to have none. */
function draftOf(
  exchange: Exchange,
  flows: readonly Flow[],
  compose: (flow: Flow) => SipRequest,
  unreachable = false,
  first = 0,
): OutgoingDraft | undefined {
  const flow = flows[first];
  if (flow === undefined) return undefined;
  const request = compose(flow);
  const refused = (): void => undefined;
  const next = (): OutgoingDraft | undefined => draftOf(exchange, flows, compose, false, first + 1);
  const plain = { request, flow, unreachable, next, refused };
  if (flow.protocol !== 'udp' || unreachable || sizeOf(request) <= longestByUdp) return plain;
  const byTcp = exchange.tcpRefusals.holds(flow.remote)
    ? undefined
    : exchange.layer.transports.flowTo({ protocol: 'tcp', ...flow.remote });
  if (byTcp === undefined) return plain;
  return {
    request: compose(byTcp),
    flow: byTcp,
    unreachable: false,
    // RFC 3261 §18.1.1: a peer without TCP gets it by UDP all the same.
    next: () => plain,
    refused: () => exchange.tcpRefusals.note(flow.remote),
  };
}

const sizeOf = ({ method, uri, headers, body }: SipRequest): number =>
  headers.reduce((sum, { name, value }) => sum + name.length + value.length + 4, method.length + uri.length + 32) +
  body.length;

/** An INVITE or UPDATE that did not repeat the terms of the session would end its timer (RFC 4028 §7.4). */
function keptSession(message: ClientRequest, dialog: ClientDialog | undefined): readonly HeaderField[] {
  const repeats = message.method === 'INVITE' || message.method === 'UPDATE';
  const given = headerOf(message, 'Session-Expires') !== undefined;
  return repeats && !given ? requestHeaders(dialog?.session?.terms) : [];
}

// A flow to write addresses from when there is nowhere to send to.
function nowhere(exchange: Exchange, dialog: ClientDialog | undefined): Flow {
  const [point] = exchange.layer.transports.points;
  const local = dialog?.flow.local ?? point ?? { address: '127.0.0.1', port: 0 };
  return {
    protocol: point?.protocol ?? 'udp',
    local,
    remote: { address: local.address, port: 0 },
    connection: undefined,
  };
}

type Composed = Pick<SipRequest, 'uri' | 'headers'>;

/** Everything that stays the same whatever way the request goes; addresses of our own differ. */
function newRequest(exchange: Exchange, message: ClientRequest): ((flow: Flow) => Composed) | undefined {
  const { method, uri } = message;
  const given = headerOf(message, 'From');
  const from = tagged(given ?? '<sip:localhost>');
  const to = headerOf(message, 'To') ?? `<${uri}>`;
  const sequence = parseCommandSequence(headerOf(message, 'CSeq') ?? `${randomInt(1, 65_536)} ${method}`);
  if (from === undefined || parseNameAddress(to) === undefined || sequence === undefined) return undefined;
  if (uriScheme(uri) === undefined) return undefined;
  const callId = headerOf(message, 'Call-ID') ?? newUuid();
  return (flow) => {
    const own = exchange.layer.transports.ownAddress(flow);
    const headers: HeaderField[] = [
      { name: 'Max-Forwards', value: headerOf(message, 'Max-Forwards') ?? '70' },
      { name: 'From', value: given === undefined ? withOwnHost(from, own, own.port) : withOwnHost(from, own) },
      { name: 'To', value: withOwnHost(to, own) },
      { name: 'Call-ID', value: callId },
      { name: 'CSeq', value: `${sequence.number} ${method}` },
    ];
    return { uri, headers };
  };
}

function withinDialog(message: ClientRequest, dialog: ClientDialog): (flow: Flow) => Composed {
  const next = dialog.nextRequest(message.method);
  return () => next;
}

function sharedHeaders(exchange: Exchange, message: ClientRequest, flow: Flow): readonly HeaderField[] {
  const own = exchange.layer.transports.ownAddress(flow);
  const contact = headerOf(message, 'Contact');
  const headers: HeaderField[] = [];
  if (contactMethods.has(message.method) || contact !== undefined) headers.push(contactFor(contact, flow, own));
  for (const field of ownHeaders(message.headers)) {
    headers.push(field.name === 'P-Asserted-Identity' ? { ...field, value: withOwnHost(field.value, own) } : field);
  }
  return headers;
}

function tagged(from: string): string | undefined {
  const address = parseNameAddress(from);
  if (address === undefined) return undefined;
  if (parameterOf(address.parameters, 'tag')) return from;
  return printNameAddress({ ...address, parameters: withParameter(address.parameters, 'tag', newToken()) });
}
