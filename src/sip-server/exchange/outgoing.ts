import type { Client } from '../client-protocol/client.ts';
import type { ClientRequest } from '../client-protocol/client-message.ts';
import { withHeader } from '../message/sip-message.ts';
import { sendAcknowledgement } from './acknowledge.ts';
import { ownHeaders } from './client-headers.ts';
import type { ClientDialog, Exchange } from './exchange.ts';
import { prepareRequest } from './outgoing-draft.ts';
import { OutgoingInvite } from './outgoing-invite.ts';
import { sendRequest } from './outgoing-request.ts';

const noDialog = 'unable to find dialog';

/** Sends a request that an application asked for, whatever kind it is. */
export function takeClientRequest(exchange: Exchange, client: Client, message: ClientRequest): void {
  if (message.method === 'CANCEL') {
    cancel(exchange, client, message);
    return;
  }
  const found = message.dialogId === '' ? undefined : exchange.dialogs.byId(message.dialogId);
  const dialog = found?.owner === client ? found : undefined;
  const within = message.dialogId !== '' || message.method === 'ACK';
  if (within && dialog === undefined) {
    client.reply(message.id, { ok: false, reason: `${noDialog} ${message.dialogId}` });
    return;
  }
  if (message.method === 'INVITE') invite(exchange, client, message, dialog);
  else if (message.method === 'ACK' && dialog !== undefined) acknowledge(exchange, client, message, dialog);
  else if (message.method === 'PRACK' && dialog !== undefined)
    acknowledgeProvisional(exchange, client, message, dialog);
  else sendRequest(exchange, client, message, dialog);
}

function cancel(exchange: Exchange, client: Client, message: ClientRequest): void {
  const pending = exchange.cancellable.get(message.transactionId);
  if (pending === undefined || pending.client !== client) {
    client.reply(message.id, { ok: false, reason: 'unable to find transaction to cancel' });
    return;
  }
  pending.cancelFor(message.id, ownHeaders(message.headers));
}

function invite(exchange: Exchange, client: Client, message: ClientRequest, dialog: ClientDialog | undefined): void {
  // RFC 3261 §14.1: no INVITE beside another one of either side.
  if (dialog?.outgoingInvite !== undefined || dialog?.incomingInvite !== undefined) {
    client.reply(message.id, { ok: false, reason: 'another INVITE is in progress' });
    return;
  }
  prepareRequest(exchange, client, message, dialog, (draft) => {
    const outgoing = new OutgoingInvite(exchange, client, draft, dialog);
    const { request, flow } = draft;
    client.reply(message.id, { ok: true, message: request, flow, transactionId: outgoing.id, dialogId: '' });
    if (dialog?.answer?.waiting === true) dialog.hold(() => outgoing.start());
    else outgoing.start();
  });
}

function acknowledge(exchange: Exchange, client: Client, message: ClientRequest, dialog: ClientDialog): void {
  // The library acknowledges every final answer; those above 299 have been by the transaction (RFC 3261 §17.1.1.3).
  if (!dialog.confirmed || dialog.inviteSequence === 0 || dialog.acknowledgement !== undefined) {
    client.reply(message.id, { ok: false, reason: `${noDialog} ${message.dialogId}` });
    return;
  }
  sendAcknowledgement(exchange, client, message, dialog);
}

function acknowledgeProvisional(
  exchange: Exchange,
  client: Client,
  message: ClientRequest,
  dialog: ClientDialog,
): void {
  const value = dialog.toConfirm;
  if (value === undefined) {
    client.reply(message.id, { ok: false, reason: 'no reliable provisional response to acknowledge' });
    return;
  }
  dialog.toConfirm = undefined;
  sendRequest(exchange, client, { ...message, headers: withHeader(message.headers, 'RAck', value) }, dialog);
}
