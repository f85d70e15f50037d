import type { Client } from '../client-protocol/client.ts';
import type { ClientRequest } from '../client-protocol/client-message.ts';
import { Dialog } from '../dialog/dialog.ts';
import { callingDialog, withTargetOf } from '../dialog/dialog-state.ts';
import { termsOfResponse } from '../dialog/session-terms.ts';
import { tagOf } from '../message/name-address.ts';
import { responseTo } from '../message/response-to.ts';
import { headerOf, type SipRequest, type SipResponse } from '../message/sip-message.ts';
import { newToken, newUuid } from '../message/token.ts';
import type { Flow } from '../transport/flow.ts';
import { Attempt } from './attempt.ts';
import type { ClientDialog, Exchange } from './exchange.ts';
import { type OutgoingDraft, prepareRequest } from './outgoing-draft.ts';
import { agreeSession } from './session-refresh.ts';

/** What a failure of our own looks like to an application: a response that no peer sent (RFC 3261 §8.1.3.1). */
export const localResponse = (request: SipRequest, status: number): SipResponse =>
  responseTo(request, status, { toTag: newToken() });

/** Sends a request other than INVITE, ACK and CANCEL for an application, and passes the answers up. */
export function sendRequest(
  exchange: Exchange,
  client: Client,
  message: ClientRequest,
  dialog: ClientDialog | undefined,
): void {
  prepareRequest(exchange, client, message, dialog, (draft) => {
    const transactionId = newUuid();
    const { request, flow } = draft;
    client.reply(message.id, { ok: true, message: request, flow, transactionId, dialogId: '' });
    const start = (): void => launch(exchange, client, draft, transactionId, dialog);
    // RFC 3261 §15: no BYE from the callee before the ACK has come.
    if (request.method === 'BYE' && dialog?.answer?.waiting === true) dialog.hold(start);
    else start();
  });
}

function launch(
  exchange: Exchange,
  client: Client,
  draft: OutgoingDraft,
  transactionId: string,
  dialog: ClientDialog | undefined,
): void {
  const { request } = draft;
  const pass = (response: SipResponse, from: Flow | undefined): void => {
    const made = settle(exchange, client, request, response, from, dialog);
    const dialogId = (dialog ?? made)?.id ?? '';
    client.pass(response, { source: 'network', flow: from, transactionId, dialogId, receivedOn: undefined });
  };
  const fail = (status: number): void => pass(localResponse(request, status), undefined);
  if (request.method === 'BYE') {
    dialog?.outgoingInvite?.cancel();
    exchange.records.tell({ kind: 'stop', source: 'application', reason: 'normal-release' }, request);
  }
  new Attempt(exchange, draft, {
    onResponse: pass,
    onTimeout: () => fail(408),
    onTransportFailure: () => fail(503),
  }).start();
}

/** What an answer does to dialogs. @returns the dialog that a SUBSCRIBE made. */
function settle(
  exchange: Exchange,
  client: Client,
  request: SipRequest,
  response: SipResponse,
  from: Flow | undefined,
  dialog: ClientDialog | undefined,
): ClientDialog | undefined {
  const { status } = response;
  if (status < 200) return undefined;
  if (dialog !== undefined) {
    const challenged = status === 401 || status === 407;
    const lastNotify = request.method === 'NOTIFY' && dialog.kind === 'subscription' && isTerminating(request);
    if ((request.method === 'BYE' || lastNotify) && !challenged) exchange.dialogs.remove(dialog);
    else if (request.method === 'UPDATE' && status < 300) {
      dialog.state = withTargetOf(dialog.state, response);
      dialog.described(request);
      agreeSession(exchange, dialog, termsOfResponse(response));
    }
    return undefined;
  }
  const subscribed = request.method === 'SUBSCRIBE' && status < 300 && tagOf(headerOf(response, 'To')) !== undefined;
  if (!subscribed || from === undefined || exchange.dialogs.isFull) return undefined;
  const origin = { owner: client, role: 'calling', kind: 'subscription' } as const;
  const made = new Dialog(origin, callingDialog(request, response), from);
  made.confirmed = true;
  exchange.dialogs.add(made);
  return made;
}

const isTerminating = (request: SipRequest): boolean =>
  /^terminated\b/i.test(headerOf(request, 'Subscription-State') ?? '');
