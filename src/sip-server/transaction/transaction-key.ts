import { parseCommandSequence } from '../message/command-sequence.ts';
import { printHost } from '../message/host-port.ts';
import { tagOf } from '../message/name-address.ts';
import { headerOf, type SipRequest, type SipResponse } from '../message/sip-message.ts';
import { parseVia, printVia, uniqueBranch } from '../message/via.ts';

/**
 * What makes a request part of a server transaction (RFC 3261 §17.2.3): branch, sent-by and method, where an ACK counts
 * as its INVITE; and the Call-ID, for peers whose branches are less unique than they claim (RFC 4475 has some). Without a
 * unique branch (RFC 2543, RFC 4475 §3.2.1) it is Call-ID, From tag, CSeq number and top Via.
 */
export function serverKey(request: SipRequest, method: string = request.method): string {
  const via = parseVia(headerOf(request, 'Via') ?? '');
  const kind = method === 'ACK' ? 'INVITE' : method;
  if (via === undefined) return '';
  const branch = uniqueBranch(via);
  const callId = headerOf(request, 'Call-ID');
  if (branch !== undefined) return `${branch}|${printHost(via.host)}:${via.port ?? ''}|${kind}|${callId}`;
  const sequence = parseCommandSequence(headerOf(request, 'CSeq') ?? '');
  return [callId, tagOf(headerOf(request, 'From')), sequence?.number, printVia(via), kind].join('|');
}

/** RFC 3261 §8.2.2.2: requests that agree in this and differ in their branch came by two ways. Only without a To tag. */
export function mergeKey(request: SipRequest): string | undefined {
  if (tagOf(headerOf(request, 'To')) !== undefined) return undefined;
  return `${headerOf(request, 'Call-ID')}|${tagOf(headerOf(request, 'From')) ?? ''}|${headerOf(request, 'CSeq')}`;
}

/** What makes a response part of a client transaction (RFC 3261 §17.1.3): branch and the method of CSeq. */
export function clientKey(response: Pick<SipResponse, 'headers'>): string {
  const via = parseVia(headerOf(response, 'Via') ?? '');
  const sequence = parseCommandSequence(headerOf(response, 'CSeq') ?? '');
  return `${via === undefined ? '' : uniqueBranch(via)}|${sequence?.method}`;
}
