import { contactOf } from '../dialog/dialog-state.ts';
import { asksTooLittle, minSessionSeconds } from '../dialog/session-terms.ts';
import { tagOf } from '../message/name-address.ts';
import { headerOf, type SipRequest, tokensOf } from '../message/sip-message.ts';
import { parseVia, uniqueBranch } from '../message/via.ts';
import { ruleFor } from '../routing/request-rule.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import { direct } from './directed.ts';
import type { Exchange } from './exchange.ts';
import { hand } from './hand.ts';
import { takeCancel } from './incoming-cancel.ts';
import { reject } from './refusal.ts';
import { relayRequest, relays } from './relay.ts';
import { takeWithinDialog } from './within-dialog.ts';

// RFC 3261 §8.2.2.3: what we or an application can honour. Everything else that a caller requires is refused.
const supported: ReadonlySet<string> = new Set([
  '100rel',
  'timer',
  'replaces',
  'norefersub',
  'histinfo',
  'from-change',
  'tdialog',
  'answermode',
  'join',
  'eventlist',
  'privacy',
  'resource-priority',
  'uui',
  'siprec',
  'geolocation-sip',
  'geolocation-http',
  'multiple-refer',
  'nosub',
  'explicitsub',
  'outbound',
  'path',
  'gruu',
  'early-session',
  'precondition',
  'trickle-ice',
  'recipient-list-invite',
]);

// Methods that mean something only to whom they are about: with a To tag of no dialog they are 481 (RFC 3261 §12.2.2).
const dialogFree: ReadonlySet<string> = new Set(['REGISTER', 'PUBLISH']);
// For these "nobody serves it now" is the answer while no application has asked for them, as drachtio-server gives it.
const servable: ReadonlySet<string> = new Set([
  'INVITE',
  'OPTIONS',
  'MESSAGE',
  'INFO',
  'SUBSCRIBE',
  'NOTIFY',
  'REFER',
  'PUBLISH',
]);
const withinDialogOnly: ReadonlySet<string> = new Set(['BYE', 'UPDATE', 'PRACK']);

/** Takes a request that the transaction layer has not seen before. */
export function takeRequest(exchange: Exchange, transaction: ServerTransaction): void {
  const { request } = transaction;
  if (request.method === 'CANCEL') {
    takeCancel(exchange, transaction);
    return;
  }
  const unsupported = [...tokensOf(request, 'Require'), ...tokensOf(request, 'Proxy-Require')].filter(
    (tag) => !supported.has(tag),
  );
  if (unsupported.length > 0) {
    reject(exchange, transaction, 420, [{ name: 'Unsupported', value: unsupported.join(', ') }]);
    return;
  }
  if ((request.method === 'INVITE' || request.method === 'UPDATE') && asksTooLittle(request)) {
    reject(exchange, transaction, 422, [{ name: 'Min-SE', value: String(minSessionSeconds) }]);
    return;
  }
  if (relays(exchange, request)) {
    relayRequest(exchange, transaction);
    return;
  }
  const dialog = exchange.dialogs.of(request);
  if (dialog !== undefined) {
    takeWithinDialog(exchange, transaction, dialog);
    return;
  }
  const tagged = tagOf(headerOf(request, 'To')) !== undefined && !dialogFree.has(request.method);
  if (tagged || withinDialogOnly.has(request.method)) reject(exchange, transaction, 481);
  else takeNew(exchange, transaction);
}

function isOfOurTimes(request: SipRequest): boolean {
  const via = parseVia(headerOf(request, 'Via') ?? '');
  return via !== undefined && uniqueBranch(via) !== undefined;
}

function takeNew(exchange: Exchange, transaction: ServerTransaction): void {
  const { request } = transaction;
  // RFC 3261 §8.1.1.8: without a Contact nobody could be called back in the dialog that would arise. Peers of RFC 2543
  // times, known by their branch, may leave it out (RFC 4475 §3.4.1).
  if (request.method === 'INVITE' && contactOf(request) === undefined && isOfOurTimes(request)) {
    reject(exchange, transaction, 400);
    return;
  }
  const rule = ruleFor(exchange.rules, request.method);
  if (rule !== undefined) {
    direct(exchange, transaction, rule);
    return;
  }
  const client = exchange.clients.pick(request.method);
  if (client === undefined) {
    if (servable.has(request.method) || exchange.clients.size === 0) reject(exchange, transaction, 503);
    else {
      const methods = new Set([...exchange.clients.methods, 'ACK', 'CANCEL', 'BYE']);
      reject(exchange, transaction, 405, [{ name: 'Allow', value: [...methods].join(', ') }]);
    }
  } else hand(exchange, transaction, client);
}
