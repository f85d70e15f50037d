import type { Client } from '../client-protocol/client.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { Exchange } from './exchange.ts';
import { IncomingInvite } from './incoming-invite.ts';
import { IncomingRequest } from './incoming-request.ts';

/** Gives a new request to an application, which has to answer it. */
export function hand(exchange: Exchange, transaction: ServerTransaction, client: Client): void {
  if (transaction.request.method === 'INVITE') new IncomingInvite(exchange, transaction, client, undefined);
  else new IncomingRequest(exchange, transaction, client, undefined);
}
