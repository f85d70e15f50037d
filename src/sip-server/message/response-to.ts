import { tagOf } from './name-address.ts';
import type { HeaderField, SipRequest, SipResponse } from './sip-message.ts';
import { noBody } from './sip-message.ts';
import { phraseOf } from './status-phrase.ts';

export interface ResponseExtras {
  readonly reason?: string;
  /** Put into To where the request brought none (RFC 3261 §8.2.6.2). */
  readonly toTag?: string | undefined;
  readonly headers?: readonly HeaderField[];
  readonly body?: Uint8Array;
}

/** A response with the headers that RFC 3261 §8.2.6.2 copies from the request: Via, From, To, Call-ID, CSeq. */
export function responseTo(
  request: Pick<SipRequest, 'headers'>,
  status: number,
  extras: ResponseExtras = {},
): SipResponse {
  const headers: HeaderField[] = [];
  for (const field of request.headers) {
    const { name } = field;
    if (name === 'To') headers.push(withTag(field, extras.toTag));
    else if (name === 'Via' || name === 'From' || name === 'Call-ID' || name === 'CSeq') headers.push(field);
    // RFC 3261 §8.2.6.1: a 100 carries the Timestamp of its request.
    else if (status === 100 && name === 'Timestamp') headers.push(field);
  }
  if (extras.headers !== undefined) headers.push(...extras.headers);
  return {
    kind: 'response',
    status,
    reason: extras.reason ?? phraseOf(status),
    headers,
    body: extras.body ?? noBody,
  };
}

function withTag(to: HeaderField, tag: string | undefined): HeaderField {
  return tag === undefined || tagOf(to.value) !== undefined ? to : { name: 'To', value: tagged(to.value, tag) };
}

// A URI without brackets may hold a semicolon of its own only as a header parameter, so that appending is always right.
const tagged = (value: string, tag: string): string => `${value};tag=${tag}`;
