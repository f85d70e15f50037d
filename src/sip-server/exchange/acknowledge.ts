import type { Client } from '../client-protocol/client.ts';
import type { ClientRequest } from '../client-protocol/client-message.ts';
import { Dialog } from '../dialog/dialog.ts';
import { callingDialog } from '../dialog/dialog-state.ts';
import { type HeaderField, noBody, noHeaders, type SipRequest, type SipResponse } from '../message/sip-message.ts';
import { newUuid } from '../message/token.ts';
import type { Flow } from '../transport/flow.ts';
import { contentTypeFor, ownHeaders } from './client-headers.ts';
import { missingContentType } from './client-refusals.ts';
import type { ClientDialog, Exchange } from './exchange.ts';
import { flowOf } from './route.ts';
import { abandonDialog } from './unsolicited-bye.ts';

/** Sends an application's ACK for a 2xx and keeps it for repetitions of the 2xx (RFC 3261 §13.2.2.4). */
export function sendAcknowledgement(
  exchange: Exchange,
  client: Client,
  message: ClientRequest,
  dialog: ClientDialog,
): void {
  const type = contentTypeFor(message.headers, message.body);
  if (type === undefined) {
    client.reply(message.id, { ok: false, reason: missingContentType });
    return;
  }
  flowOf(exchange, dialog.nextHop, dialog, (found) => {
    if (found === undefined || typeof found === 'string') {
      client.reply(message.id, { ok: false, reason: found ?? 'no address for the next hop' });
      return;
    }
    const extra = [...ownHeaders(message.headers), ...type];
    const request = acknowledgementFor(exchange, dialog, found, extra, message.body);
    dialog.acknowledgement = { text: exchange.layer.sendStateless(request, found), flow: found };
    dialog.described(request);
    client.reply(message.id, { ok: true, message: request, flow: found, transactionId: newUuid(), dialogId: '' });
    if (dialog.endsOnAcknowledgement) abandonDialog(exchange, dialog, 'cancelled-answer', true);
  });
}

/** The 2xx came again, so our ACK was lost. Before the application has acknowledged there is nothing to repeat. */
export function repeatAcknowledgement(exchange: Exchange, dialog: ClientDialog): void {
  exchange.observer.observe({ kind: 'retransmission', direction: 'in' });
  const sent = dialog.acknowledgement;
  if (sent !== undefined) exchange.layer.sendAgain(sent.text, sent.flow);
}

/** The 2xx to an INVITE of our own in a dialog that stands. */
export function acknowledge(exchange: Exchange, dialog: ClientDialog, flow: Flow): void {
  const request = acknowledgementFor(exchange, dialog, flow, [], noBody);
  dialog.acknowledgement = { text: exchange.layer.sendStateless(request, flow), flow };
}

/** A second branch answered, too: RFC 3261 §13.2.2.4 has it acknowledged and ended; the application knows one call only. */
export function acknowledgeExtraFork(exchange: Exchange, invite: SipRequest, response: SipResponse, from: Flow): void {
  const origin = { owner: nobody, role: 'calling', kind: 'call' } as const;
  const dialog = new Dialog<Client>(origin, callingDialog(invite, response), from);
  dialog.inviteSequence = dialog.state.localSequence;
  dialog.inviteCredentials = credentialsOf(invite);
  flowOf(exchange, dialog.nextHop, dialog, (found) => {
    if (found === undefined || typeof found === 'string') return;
    exchange.layer.sendStateless(acknowledgementFor(exchange, dialog, found, [], noBody), found);
    abandonDialog(exchange, dialog, 'extra-fork', false);
  });
}

/** RFC 3261 §22.1: an ACK repeats the credentials of its INVITE, since it cannot be challenged. */
export function credentialsOf(request: SipRequest): readonly HeaderField[] {
  const given = request.headers.filter(({ name }) => name === 'Authorization' || name === 'Proxy-Authorization');
  return given.length === 0 ? noHeaders : given;
}

function acknowledgementFor(
  exchange: Exchange,
  dialog: ClientDialog,
  flow: Flow,
  extra: readonly HeaderField[],
  body: Uint8Array,
): SipRequest {
  const { uri, headers } = dialog.nextRequest('ACK');
  const via = { name: 'Via', value: exchange.layer.newVia(flow) };
  const all = [via, ...headers, ...dialog.inviteCredentials, ...extra];
  return { kind: 'request', method: 'ACK', uri, headers: all, body };
}

const nobody: Client = {
  connected: false,
  pass: () => undefined,
  reply: () => undefined,
  record: () => undefined,
  proxied: () => undefined,
};
