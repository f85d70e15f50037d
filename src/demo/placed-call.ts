import { randomBytes } from 'node:crypto';
import { callingDialog } from '../sip-server/dialog/dialog-state.ts';
import type { SipRequest, SipResponse } from '../sip-server/message/sip-message.ts';
import type { ClientTransaction } from '../sip-server/transaction/client-transaction.ts';
import { cancellationOf } from '../sip-server/transaction/hop-request.ts';
import type { Flow } from '../sip-server/transport/flow.ts';
import { EstablishedCall } from './established-call.ts';
import { describe, ownEventType, readMedia } from './phone-sdp.ts';
import { bodyOf, type PhoneSide } from './phone-side.ts';
import type { RtpLine } from './rtp-line.ts';

export interface PlacedParts {
  readonly side: PhoneSide;
  readonly line: RtpLine;
  readonly address: string;
  readonly uri: string;
  readonly answered: (call: EstablishedCall) => void;
  readonly ended: () => void;
}

const silent = { onResponse: () => undefined, onTimeout: () => undefined, onTransportFailure: () => undefined };

/** An INVITE of ours until it is answered; afterwards it only repeats its ACK (RFC 3261 §13.2.2.4). */
export class PlacedCall {
  readonly #parts: PlacedParts;
  readonly #callId = randomBytes(12).toString('hex');
  #transaction: ClientTransaction | undefined;
  #established: EstablishedCall | undefined;
  #acknowledgement: { readonly request: SipRequest; readonly flow: Flow } | undefined;
  #heard = false;
  #cancelled = false;
  #cancelSent = false;
  #over = false;

  constructor(parts: PlacedParts) {
    this.#parts = parts;
  }

  /** @returns false when nothing could be sent. */
  start(): boolean {
    const { side, line, address, uri } = this.#parts;
    const flow = side.flowTo(uri);
    if (flow === undefined) return false;
    const host = side.layer.transports.ownAddress(flow);
    const headers = [
      { name: 'Max-Forwards', value: '70' },
      {
        name: 'From',
        value: `"Demo customer" <sip:${side.user}@${host.address}>;tag=${randomBytes(6).toString('hex')}`,
      },
      { name: 'To', value: `<${uri}>` },
      { name: 'Call-ID', value: this.#callId },
      { name: 'CSeq', value: '1 INVITE' },
      ...side.identity(flow),
    ];
    const invite = side.request('INVITE', uri, headers, flow, describe(address, line.port, 1));
    this.#transaction = side.layer.request(invite, flow, {
      onResponse: (response) => this.#respond(response),
      onTimeout: () => this.#end(),
      onTransportFailure: () => this.#end(),
      onRingsTooLong: () => this.hangUp(),
    });
    return this.#transaction !== undefined;
  }

  /** Gives the call up, whatever has become of it; a 200 that crosses the CANCEL is ended with a BYE. */
  hangUp(): void {
    this.#cancelled = true;
    if (this.#established !== undefined) this.#established.hangUp();
    else this.#cancel();
  }

  #respond(response: SipResponse): void {
    if (response.status < 200) {
      this.#heard = true;
      if (this.#cancelled) this.#cancel();
    } else if (response.status >= 300) this.#end();
    else if (this.#established === undefined) this.#establish(response);
    else this.#acknowledge();
  }

  /** RFC 3261 §9.1: only after a provisional answer, and only once. */
  #cancel(): void {
    const { side } = this.#parts;
    if (this.#transaction === undefined || !this.#heard || this.#cancelSent) return;
    this.#cancelSent = true;
    const { request, flow } = this.#transaction;
    side.layer.request(cancellationOf(request, []), flow, silent);
    this.#transaction.cancelled();
  }

  #establish(response: SipResponse): void {
    const { side, line, address } = this.#parts;
    if (this.#transaction === undefined) return;
    const dialog = callingDialog(this.#transaction.request, response);
    this.#established = new EstablishedCall({ side, line, dialog, address, ended: () => this.#end() });
    this.#acknowledgement = side.within(dialog, 'ACK', dialog.localSequence);
    this.#acknowledge();
    const media = readMedia(bodyOf(response));
    if (media === undefined || this.#cancelled) return this.#established.hangUp();
    line.connect(media, ownEventType);
    this.#parts.answered(this.#established);
  }

  #acknowledge(): void {
    if (this.#acknowledgement === undefined) return;
    this.#parts.side.layer.sendStateless(this.#acknowledgement.request, this.#acknowledgement.flow);
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#parts.ended();
  }
}
