import { randomInt, randomUUID } from 'node:crypto';
import type { Client } from '../client-protocol/client.ts';
import type { ClientRequest } from '../client-protocol/client-message.ts';
import { parseCommandSequence } from '../message/command-sequence.ts';
import { parseNameAddress, printNameAddress } from '../message/name-address.ts';
import { parameterOf, withParameter } from '../message/parameters.ts';
import { type HeaderField, headerOf, type SipRequest } from '../message/sip-message.ts';
import { uriScheme } from '../message/sip-uri.ts';
import { newToken } from '../message/token.ts';
import type { Flow } from '../transport/flow.ts';
import { contactFor, contentTypeFor, ownHeaders, withOwnHost } from './client-headers.ts';
import type { ClientDialog, Exchange } from './exchange.ts';
import { missingContentType } from './incoming-request.ts';
import { flowOf } from './route.ts';

/** A request of an application, complete but not sent. */
export interface OutgoingDraft {
  readonly request: SipRequest;
  readonly flow: Flow;
  /** The name of the next hop has no address now: it fails as if the network had refused it. */
  readonly unreachable: boolean;
}

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
  flowOf(exchange, nextHop, message.nextHop === '' ? dialog : undefined, (found) => {
    if (typeof found === 'string') {
      refuse(found);
      return;
    }
    const flow = found ?? nowhere(exchange, dialog);
    const base =
      dialog === undefined ? newRequest(exchange, message, flow) : withinDialog(exchange, message, dialog, flow);
    if (base === undefined) {
      refuse('invalid From, To or CSeq');
      return;
    }
    const headers = [{ name: 'Via', value: exchange.layer.newVia(flow) }, ...base.headers, ...type];
    const { method, body } = message;
    use({ request: { kind: 'request', method, uri: base.uri, headers, body }, flow, unreachable: found === undefined });
  });
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

function newRequest(exchange: Exchange, message: ClientRequest, flow: Flow): Composed | undefined {
  const own = exchange.layer.transports.ownAddress(flow);
  const { method, uri } = message;
  const from = tagged(withOwnHost(headerOf(message, 'From') ?? `<sip:localhost:${own.port}>`, own));
  const to = withOwnHost(headerOf(message, 'To') ?? `<${uri}>`, own);
  const sequence = parseCommandSequence(headerOf(message, 'CSeq') ?? `${randomInt(1, 65_536)} ${method}`);
  if (from === undefined || parseNameAddress(to) === undefined || sequence === undefined) return undefined;
  if (uriScheme(uri) === undefined) return undefined;
  const headers: HeaderField[] = [
    { name: 'Max-Forwards', value: headerOf(message, 'Max-Forwards') ?? '70' },
    { name: 'From', value: from },
    { name: 'To', value: to },
    { name: 'Call-ID', value: headerOf(message, 'Call-ID') ?? randomUUID() },
    { name: 'CSeq', value: `${sequence.number} ${method}` },
    ...sharedHeaders(exchange, message, flow),
  ];
  return { uri, headers };
}

function withinDialog(exchange: Exchange, message: ClientRequest, dialog: ClientDialog, flow: Flow): Composed {
  const next = dialog.nextRequest(message.method);
  return { uri: next.uri, headers: [...next.headers, ...sharedHeaders(exchange, message, flow)] };
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
