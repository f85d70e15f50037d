import { refreshesTarget, withTargetOf } from '../dialog/dialog-state.ts';
import { responseTo } from '../message/response-to.ts';
import { headerOf } from '../message/sip-message.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { ClientDialog, Exchange } from './exchange.ts';
import { IncomingInvite } from './incoming-invite.ts';
import { IncomingRequest } from './incoming-request.ts';
import { reject, sequenceOf } from './refusal.ts';

/** A request of the peer in a dialog (RFC 3261 §12.2.2). */
export function takeWithinDialog(exchange: Exchange, transaction: ServerTransaction, dialog: ClientDialog): void {
  const { request, flow } = transaction;
  const sequence = sequenceOf(request);
  if (dialog.state.remoteSequence !== undefined && sequence < dialog.state.remoteSequence) {
    reject(exchange, transaction, 500);
    return;
  }
  const state = { ...dialog.state, remoteSequence: sequence };
  dialog.state = refreshesTarget.has(request.method) ? withTargetOf(state, request) : state;
  dialog.flow = flow;
  dialog.heard(request);
  if (!dialog.owner.connected) {
    // A dialog stays with the application that made it; when that has gone, nobody knows the call.
    if (request.method === 'BYE') exchange.dialogs.remove(dialog);
    reject(exchange, transaction, 481);
    return;
  }
  switch (request.method) {
    case 'INVITE':
      takeInvite(exchange, transaction, dialog);
      break;
    case 'BYE':
      takeBye(exchange, transaction, dialog);
      break;
    case 'PRACK':
      takePrack(exchange, transaction, dialog);
      break;
    case 'UPDATE':
      takeUpdate(exchange, transaction, dialog);
      break;
    default:
      new IncomingRequest(exchange, transaction, dialog.owner, dialog);
  }
}

const soon = [{ name: 'Retry-After', value: '3' }];

function takeInvite(exchange: Exchange, transaction: ServerTransaction, dialog: ClientDialog): void {
  // RFC 3261 §14.2: 500 beside one that we have not answered, 491 beside one of ours.
  if (dialog.incomingInvite !== undefined) reject(exchange, transaction, 500, soon);
  else if (dialog.outgoingInvite !== undefined) reject(exchange, transaction, 491);
  else new IncomingInvite(exchange, transaction, dialog.owner, dialog);
}

function takeBye(exchange: Exchange, transaction: ServerTransaction, dialog: ClientDialog): void {
  const pending = dialog.incomingInvite;
  if (!dialog.confirmed && pending !== undefined) {
    // RFC 3261 §15.1.2: a BYE in an early dialog ends the INVITE; the application knows of no dialog yet.
    transaction.respond(responseTo(transaction.request, 200));
    pending.refuse(487);
    return;
  }
  pending?.refuse(487);
  dialog.outgoingInvite?.cancel();
  if (dialog.kind === 'call') {
    exchange.records.tell({ kind: 'stop', source: 'network', reason: 'normal-release' }, transaction.request);
  }
  new IncomingRequest(exchange, transaction, dialog.owner, dialog);
  exchange.dialogs.remove(dialog);
}

function takePrack(exchange: Exchange, transaction: ServerTransaction, dialog: ClientDialog): void {
  const acknowledges = /^(\d{1,10})\s+\d+\s+INVITE\b/.exec(headerOf(transaction.request, 'RAck') ?? '');
  const pending = dialog.incomingInvite;
  // RFC 3262 §3: 481 for a PRACK that matches nothing that waits.
  if (!(pending instanceof IncomingInvite) || !pending.provisionallyAcknowledged(Number(acknowledges?.[1]))) {
    reject(exchange, transaction, 481);
  } else new IncomingRequest(exchange, transaction, dialog.owner, dialog);
}

function takeUpdate(exchange: Exchange, transaction: ServerTransaction, dialog: ClientDialog): void {
  // RFC 3311 §5.2: one at a time.
  if (dialog.updating !== undefined && exchange.answerable.has(dialog.updating)) {
    reject(exchange, transaction, 500, soon);
    return;
  }
  dialog.updating = transaction.id;
  new IncomingRequest(exchange, transaction, dialog.owner, dialog);
}
