import type { DialogEvents, Responder } from '../sip-port.ts';
import { allowedMethods } from './allowed-methods.ts';
import { readReferTo } from './refer-to.ts';

/** A request of the peer inside a dialog, whichever stack has read it. */
export interface DialogRequest {
  readonly method: string;
  /** null where there is none. */
  readonly body: string | null;
  /** '' for a header that is not there. */
  header(name: 'Content-Type' | 'Refer-To'): string;
}

/** Hands a request in a dialog on to whoever follows the leg, or answers it where that is the same for every leg. BYE, ACK, CANCEL and PRACK are the stack's own. */
export function serveInDialog(request: DialogRequest, responder: Responder, events: DialogEvents): void {
  const { method, body } = request;
  switch (method) {
    case 'INVITE':
      events.offered(body, responder);
      break;
    case 'UPDATE':
      // An UPDATE without an offer refreshes the session and changes nothing (RFC 4028 §7.4).
      if (body === null) responder.accept(null);
      else events.offered(body, responder);
      break;
    case 'INFO':
      events.info(request.header('Content-Type'), body ?? '', responder);
      break;
    case 'REFER':
      refer(request, responder, events);
      break;
    case 'NOTIFY':
    case 'OPTIONS':
      responder.accept(null);
      break;
    default:
      responder.refuse(405, { Allow: allowedMethods });
  }
}

function refer(request: DialogRequest, responder: Responder, events: DialogEvents): void {
  const target = readReferTo(request.header('Refer-To'));
  if (target === undefined) responder.refuse(400);
  else events.referred(target.user, target.replaces, responder);
}
