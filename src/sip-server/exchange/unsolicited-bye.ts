import { noBody, type SipRequest } from '../message/sip-message.ts';
import type { SipServerEvent } from '../sip-server-observer.ts';
import type { Flow } from '../transport/flow.ts';
import type { ClientDialog, Exchange } from './exchange.ts';
import { flowOf } from './route.ts';

type Why = Extract<SipServerEvent, { kind: 'dialog-abandoned' }>['reason'];

const texts: Readonly<Record<Why, string>> = {
  'ack-timeout': 'ACK timeout',
  'cancelled-answer': 'CANCEL crossed 200 OK',
  'extra-fork': 'another branch answered first',
  orphaned: 'application is gone',
  'session-expired': 'Session timer expired',
};

/**
 * Ends a dialog that the application cannot end, or must not know: sends BYE, forgets the dialog and, with `tell`,
 * passes the BYE up as `unsolicited`.
 */
export function abandonDialog(exchange: Exchange, dialog: ClientDialog, why: Why, tell: boolean): void {
  exchange.observer.observe({ kind: 'dialog-abandoned', reason: why });
  const next = dialog.nextRequest('BYE');
  const reason = { name: 'Reason', value: `SIP;cause=200;text="${texts[why]}"` };
  const bye: SipRequest = { kind: 'request', method: 'BYE', ...next, headers: [...next.headers, reason], body: noBody };
  if (why !== 'extra-fork') {
    const reason = why === 'session-expired' ? why : 'system-initiated-termination';
    exchange.records.tell({ kind: 'stop', source: 'application', reason }, bye);
  }
  if (tell) {
    dialog.owner.pass(bye, {
      source: 'application',
      flow: dialog.flow,
      transactionId: 'unsolicited',
      dialogId: dialog.id,
      receivedOn: undefined,
    });
  }
  flowOf(exchange, dialog.nextHop, dialog, (found) => {
    if (typeof found !== 'string' && found !== undefined) send(exchange, bye, found);
  });
  exchange.dialogs.remove(dialog);
}

function send(exchange: Exchange, bye: SipRequest, flow: Flow): void {
  const headers = [{ name: 'Via', value: exchange.layer.newVia(flow) }, ...bye.headers];
  const nobody = { onResponse: () => undefined, onTimeout: () => undefined, onTransportFailure: () => undefined };
  exchange.layer.request({ ...bye, headers }, flow, nobody);
}
