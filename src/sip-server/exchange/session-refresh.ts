import { randomInt } from 'node:crypto';
import { withTargetOf } from '../dialog/dialog-state.ts';
import { requestHeaders, type SessionTerms, termsOfResponse } from '../dialog/session-terms.ts';
import { SessionTimer } from '../dialog/session-timer.ts';
import { type HeaderField, headerOf, noBody, type SipRequest, type SipResponse } from '../message/sip-message.ts';
import type { Flow } from '../transport/flow.ts';
import { acknowledge } from './acknowledge.ts';
import { contactFor } from './client-headers.ts';
import type { ClientDialog, Exchange } from './exchange.ts';
import { flowOf } from './route.ts';
import { abandonDialog } from './unsolicited-bye.ts';

/** Another exchange is under way in the dialog: soon again. */
const busyMs = 2_000;

/** A 2xx to an INVITE or UPDATE has gone or come: the session of this dialog goes on by these terms. */
export function agreeSession(exchange: Exchange, dialog: ClientDialog, terms: SessionTerms | undefined): void {
  if (dialog.session === undefined && terms === undefined) return;
  dialog.session ??= new SessionTimer(exchange.clock, {
    refresh: () => refresh(exchange, dialog),
    expired: () => abandonDialog(exchange, dialog, 'session-expired', true),
  });
  dialog.session.agreed(terms);
}

/**
 * Refreshes the session on our own account, as drachtio-server does, without a word to the application: by UPDATE where the
 * peer takes it, else by an INVITE that offers what we described last (RFC 4028 §7.4).
 */
function refresh(exchange: Exchange, dialog: ClientDialog): void {
  const { session } = dialog;
  if (session === undefined) return;
  const waits = dialog.answer?.waiting === true || !dialog.owner.connected;
  if (waits || dialog.outgoingInvite !== undefined || dialog.incomingInvite !== undefined) {
    session.retryIn(busyMs);
    return;
  }
  const method = dialog.peerTakesUpdate ? 'UPDATE' : 'INVITE';
  if (method === 'INVITE' && dialog.description === undefined) {
    session.retryIn(busyMs);
    return;
  }
  flowOf(exchange, dialog.nextHop, dialog, (flow) => {
    if (flow === undefined || typeof flow === 'string') session.retryIn(busyMs);
    else send(exchange, dialog, flow, method);
  });
}

function send(exchange: Exchange, dialog: ClientDialog, flow: Flow, method: 'UPDATE' | 'INVITE'): void {
  const request = compose(exchange, dialog, flow, method);
  const inProgress = { cancel: () => undefined };
  if (method === 'INVITE') dialog.outgoingInvite = inProgress;
  const over = (): void => {
    if (dialog.outgoingInvite === inProgress) dialog.outgoingInvite = undefined;
  };
  const sent = exchange.layer.request(request, flow, {
    onResponse: (response, from) => {
      if (response.status < 200) return;
      over();
      refreshed(exchange, dialog, method, response, from);
    },
    onTimeout: () => {
      over();
      if (dialog.session?.terms !== undefined) abandonDialog(exchange, dialog, 'session-expired', true);
    },
    // The way is broken, which may be mended before the session ends; the peer's silence is told by a timeout.
    onTransportFailure: () => {
      over();
      dialog.session?.retryIn(busyMs);
    },
  });
  if (sent !== undefined) return;
  over();
  dialog.session?.retryIn(busyMs);
}

function compose(exchange: Exchange, dialog: ClientDialog, flow: Flow, method: 'UPDATE' | 'INVITE'): SipRequest {
  const next = dialog.nextRequest(method);
  const own = exchange.layer.transports.ownAddress(flow);
  const described = method === 'INVITE' ? dialog.description : undefined;
  const body = described === undefined ? noBody : Buffer.from(described, 'latin1');
  const type: readonly HeaderField[] = body.length === 0 ? [] : [{ name: 'Content-Type', value: 'application/sdp' }];
  const headers = [
    { name: 'Via', value: exchange.layer.newVia(flow) },
    ...next.headers,
    contactFor(dialog.contact, flow, own),
    ...requestHeaders(dialog.session?.terms),
    ...type,
  ];
  return { kind: 'request', method, uri: next.uri, headers, body };
}

function refreshed(
  exchange: Exchange,
  dialog: ClientDialog,
  method: 'UPDATE' | 'INVITE',
  response: SipResponse,
  from: Flow,
): void {
  const { status } = response;
  const { session } = dialog;
  if (status < 300 && method === 'INVITE') acknowledge(exchange, dialog, from);
  // The dialog has ended meanwhile.
  if (session?.terms === undefined) return;
  if (status === 408 || status === 481) {
    // RFC 4028 §10, RFC 3261 §12.2.1.2: the peer knows the dialog no more.
    abandonDialog(exchange, dialog, 'session-expired', true);
    return;
  }
  if (status < 300) {
    dialog.state = withTargetOf(dialog.state, response);
    session.agreed(termsOfResponse(response));
    return;
  }
  const { terms } = session;
  const least = Number(headerOf(response, 'Min-SE'));
  if (status === 422 && least > terms.seconds) {
    session.agreed({ ...terms, seconds: least });
    session.retryIn(0);
  } else if (status === 405 && method === 'UPDATE') {
    dialog.peerTakesUpdate = false;
    session.retryIn(0);
    // RFC 3261 §14.1: after a 491 the one who owns the Call-ID waits longer.
  } else if (status === 491) session.retryIn(dialog.role === 'calling' ? randomInt(2_100, 4_000) : randomInt(0, 2_000));
  // Whoever refuses is alive: the session begins anew, and nobody is cut off.
  else session.agreed(terms);
}
