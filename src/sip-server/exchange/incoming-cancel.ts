import { responseTo } from '../message/response-to.ts';
import { newToken } from '../message/token.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { Exchange } from './exchange.ts';
import { IncomingInvite } from './incoming-invite.ts';
import { abandonDialog } from './unsolicited-bye.ts';

/** A CANCEL (RFC 3261 §9.2). Applications never answer it; they hear of it if their INVITE ends by it. */
export function takeCancel(exchange: Exchange, transaction: ServerTransaction): void {
  const invite = exchange.layer.inviteOf(transaction.request);
  const pending = invite === undefined ? undefined : exchange.answerable.get(invite.id);
  const answer = (status: number, toTag: string): void => {
    transaction.respond(responseTo(transaction.request, status, { toTag }));
  };
  if (invite === undefined) {
    exchange.observer.observe({ kind: 'stray', what: 'cancel' });
    answer(481, newToken());
    return;
  }
  const proxied = exchange.proxied.get(invite.id);
  if (proxied !== undefined) {
    // RFC 3261 §16.10: the branches are cancelled, and the answer to the INVITE is theirs.
    answer(200, newToken());
    proxied.cancel();
    return;
  }
  if (pending instanceof IncomingInvite) {
    answer(200, pending.tag);
    pending.cancelled(transaction.request);
    return;
  }
  const unacknowledged = [...exchange.dialogs].find(
    (dialog) => dialog.answeredInvite?.transactionId === invite.id && dialog.answer?.waiting === true,
  );
  if (unacknowledged === undefined) {
    answer(200, newToken());
    return;
  }
  // Our 200 crossed the CANCEL, or was lost: as drachtio-server does, the caller's wish stands and the dialog ends.
  answer(481, unacknowledged.state.localTag);
  abandonDialog(exchange, unacknowledged, 'cancelled-answer', true);
}
