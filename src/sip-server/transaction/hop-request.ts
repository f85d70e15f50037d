import {
  type HeaderField,
  headerOf,
  headersOf,
  noBody,
  type SipRequest,
  type SipResponse,
} from '../message/sip-message.ts';

const sequenceFor = (request: SipRequest, method: string): HeaderField => ({
  name: 'CSeq',
  value: (headerOf(request, 'CSeq') ?? '').replace(/\S+$/, method),
});

const copied = (message: { headers: readonly HeaderField[] }, name: 'From' | 'To' | 'Call-ID'): HeaderField => ({
  name,
  value: headerOf(message, name) ?? '',
});

// The top Via, and the Route headers, of the request that it belongs to.
const samePath = (request: SipRequest): readonly HeaderField[] => [
  { name: 'Via', value: headerOf(request, 'Via') ?? '' },
  ...headersOf(request, 'Route').map((value) => ({ name: 'Route', value })),
  { name: 'Max-Forwards', value: '70' },
];

/** The ACK for a non-2xx final response (RFC 3261 §17.1.1.3): same branch, and To of the response. */
export function acknowledgementOf(invite: SipRequest, response: SipResponse): SipRequest {
  const headers = [
    ...samePath(invite),
    copied(invite, 'From'),
    copied(response, 'To'),
    copied(invite, 'Call-ID'),
    sequenceFor(invite, 'ACK'),
  ];
  return { kind: 'request', method: 'ACK', uri: invite.uri, headers, body: noBody };
}

/** The CANCEL of a pending request (RFC 3261 §9.1): same branch, To without a tag, and nothing else but `extra`. */
export function cancellationOf(request: SipRequest, extra: readonly HeaderField[]): SipRequest {
  const headers = [
    ...samePath(request),
    copied(request, 'From'),
    copied(request, 'To'),
    copied(request, 'Call-ID'),
    sequenceFor(request, 'CANCEL'),
    ...extra,
  ];
  return { kind: 'request', method: 'CANCEL', uri: request.uri, headers, body: noBody };
}
