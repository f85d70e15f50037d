import { endOfHead, readHead } from '../message/message-head.ts';
import type { MessageLimits } from '../message/message-limits.ts';
import type { HeaderField } from '../message/sip-message.ts';

interface SipPart {
  /** Message id that the application made up; the answer names it. */
  readonly id: string;
  readonly headers: readonly HeaderField[];
  readonly body: Uint8Array;
}

/** A request that an application wants sent. Of its headers only what the application set is there. */
export interface ClientRequest extends SipPart {
  readonly kind: 'request';
  /** Set for CANCEL only: the INVITE that it ends. */
  readonly transactionId: string;
  /** Set for requests within a dialog. */
  readonly dialogId: string;
  /** Where to send it, instead of the Request-URI. */
  readonly nextHop: string;
  readonly method: string;
  readonly uri: string;
}

/** An answer of an application to a request that was passed to it. */
export interface ClientResponse extends SipPart {
  readonly kind: 'response';
  readonly transactionId: string;
  readonly status: number;
  readonly reason: string;
}

export type ClientMessage =
  | { readonly kind: 'authenticate'; readonly id: string; readonly secret: string }
  | { readonly kind: 'route'; readonly id: string; readonly verb: string }
  | { readonly kind: 'remove-route'; readonly id: string }
  | { readonly kind: 'ping'; readonly id: string }
  | ClientRequest
  | ClientResponse
  | { readonly kind: 'unknown'; readonly id: string };

const separator = Buffer.from('\r\n', 'latin1');

/** Reads one payload: a line of fields, and for some kinds a SIP message after it. Never throws. */
export function parseClientMessage(payload: Buffer, limits: MessageLimits): ClientMessage {
  const end = payload.indexOf(separator);
  const line = payload.toString('utf8', 0, end === -1 ? payload.length : end);
  const [id = '', type = '', first = '', second = '', third = ''] = line.split('|');
  const rest = end === -1 ? undefined : payload.subarray(end + 2);
  switch (type) {
    case 'authenticate':
      return { kind: 'authenticate', id, secret: first };
    case 'route':
      return { kind: 'route', id, verb: first.toLowerCase() };
    case 'remove_route':
      return { kind: 'remove-route', id };
    case 'ping':
      return { kind: 'ping', id };
    case 'sip':
      return rest === undefined ? { kind: 'unknown', id } : readSip(id, [first, second, third], rest, limits);
    default:
      return { kind: 'unknown', id };
  }
}

function readSip(
  id: string,
  [transactionId, dialogId, nextHop]: readonly [string, string, string],
  bytes: Buffer,
  limits: MessageLimits,
): ClientMessage {
  const end = endOfHead(bytes);
  const head = readHead(end === -1 ? bytes : bytes.subarray(0, end), limits);
  if (head.start === undefined) return { kind: 'unknown', id };
  // The library counts Content-Length in characters; the frame knows better where the body ends.
  const part = { id, headers: head.headers, body: end === -1 ? bytes.subarray(bytes.length) : bytes.subarray(end) };
  return head.start.kind === 'request'
    ? { ...part, transactionId, dialogId, nextHop, ...head.start }
    : { ...part, transactionId, ...head.start };
}
