import { isIP } from 'node:net';
import type { Clock } from '../shared/clock.ts';
import { type DialogState, nextHopOf, requestWithin } from '../sip-server/dialog/dialog-state.ts';
import { printHostPort } from '../sip-server/message/host-port.ts';
import { responseTo } from '../sip-server/message/response-to.ts';
import { type HeaderField, noBody, type SipRequest } from '../sip-server/message/sip-message.ts';
import { parseSipUri } from '../sip-server/message/sip-uri.ts';
import type { ServerTransaction } from '../sip-server/transaction/server-transaction.ts';
import type { TransactionLayer } from '../sip-server/transaction/transaction-layer.ts';
import type { Flow } from '../sip-server/transport/flow.ts';

const defaultPort = 5060;
export const allowed = 'INVITE, ACK, BYE, CANCEL, OPTIONS, INFO, UPDATE, NOTIFY';
const sdpType: HeaderField = { name: 'Content-Type', value: 'application/sdp' };

/** What one phone's calls need of it: an address, a way out, and messages that are right. */
export class PhoneSide {
  readonly layer: TransactionLayer;
  readonly user: string;
  readonly clock: Clock;

  constructor(layer: TransactionLayer, user: string, clock: Clock) {
    this.layer = layer;
    this.user = user;
    this.clock = clock;
  }

  /** Numeric hosts only: the demo's gateway is on this machine. */
  flowTo(uri: string): Flow | undefined {
    const parsed = parseSipUri(uri);
    if (parsed === undefined || isIP(parsed.host) === 0) return undefined;
    const target = { protocol: 'udp', address: parsed.host, port: parsed.port ?? defaultPort } as const;
    return this.layer.transports.flowTo(target);
  }

  /** Contact and Allow, as they stand in everything that opens or refreshes a dialog. */
  identity(flow: Flow): readonly HeaderField[] {
    const { address, port } = this.layer.transports.ownAddress(flow);
    return [
      { name: 'Contact', value: `<sip:${this.user}@${printHostPort(address, port)}>` },
      { name: 'Allow', value: allowed },
    ];
  }

  /** A new request outside any dialog, or inside one, with a Via of its own; `sdp` brings its Content-Type. */
  request(method: string, uri: string, headers: readonly HeaderField[], flow: Flow, sdp?: string): SipRequest {
    const via: HeaderField = { name: 'Via', value: this.layer.newVia(flow) };
    const body = sdp === undefined ? noBody : Buffer.from(sdp, 'latin1');
    return { kind: 'request', method, uri, headers: [via, ...headers, ...(sdp === undefined ? [] : [sdpType])], body };
  }

  within(dialog: DialogState, method: string, sequence: number): { request: SipRequest; flow: Flow } | undefined {
    const flow = this.flowTo(nextHopOf(dialog));
    if (flow === undefined) return undefined;
    const { uri, headers } = requestWithin(dialog, method, sequence);
    return { request: this.request(method, uri, headers, flow), flow };
  }

  /** Answers a request that needs nothing but a status. */
  answer(transaction: ServerTransaction, status: number, headers: readonly HeaderField[] = [], toTag?: string): void {
    transaction.respond(
      responseTo(transaction.request, status, { headers, ...(toTag === undefined ? {} : { toTag }) }),
    );
  }

  /** Answers with a description of our media. */
  describe(transaction: ServerTransaction, status: number, sdp: string, toTag?: string): void {
    const headers = [...this.identity(transaction.flow), sdpType];
    const body = Buffer.from(sdp, 'latin1');
    transaction.respond(
      responseTo(transaction.request, status, { headers, body, ...(toTag === undefined ? {} : { toTag }) }),
    );
  }
}

export const bodyOf = (request: { readonly body: Uint8Array }): string => Buffer.from(request.body).toString('latin1');
