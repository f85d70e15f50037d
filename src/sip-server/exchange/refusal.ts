import { parseCommandSequence } from '../message/command-sequence.ts';
import { responseTo } from '../message/response-to.ts';
import { type HeaderField, headerOf, type SipRequest } from '../message/sip-message.ts';
import { newToken } from '../message/token.ts';
import type { ServerTransaction } from '../transaction/server-transaction.ts';
import type { Exchange } from './exchange.ts';

/** Answers by the server itself; counted. */
export function reject(
  exchange: Exchange,
  transaction: ServerTransaction,
  status: number,
  headers: readonly HeaderField[] = [],
): void {
  exchange.observer.observe({ kind: 'rejected', status });
  transaction.respond(responseTo(transaction.request, status, { toTag: newToken(), headers }));
}

/** The number in CSeq; the parser has made sure that there is one. */
export const sequenceOf = (request: SipRequest): number =>
  parseCommandSequence(headerOf(request, 'CSeq') ?? '')?.number ?? 0;
