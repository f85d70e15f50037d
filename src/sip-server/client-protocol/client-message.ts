import { endOfHead, readHead } from '../message/message-head.ts';
import type { MessageLimits } from '../message/message-limits.ts';
import type { HeaderField } from '../message/sip-message.ts';
import { parseTags } from './client-tags.ts';
import { durationMs } from './duration.ts';

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

/** An application's wish that a request which it has be proxied (RFC 3261 §16). */
export interface ClientProxy {
  readonly kind: 'proxy';
  readonly id: string;
  readonly transactionId: string;
  readonly remainInDialog: boolean;
  readonly fullResponse: boolean;
  readonly followRedirects: boolean;
  readonly simultaneous: boolean;
  /** How long a target may stay without any answer, and without a final one; undefined: as long as SIP allows. */
  readonly provisionalMs: number | undefined;
  readonly finalMs: number | undefined;
  readonly destinations: readonly string[];
  /** Added to the forwarded request. */
  readonly headers: readonly HeaderField[];
}

/** What an application wants done with SIP. */
export type SipWish = ClientRequest | ClientResponse | ClientProxy;

export type ClientMessage =
  | { readonly kind: 'authenticate'; readonly id: string; readonly secret: string; readonly tags: ReadonlySet<string> }
  | { readonly kind: 'route'; readonly id: string; readonly verb: string }
  | { readonly kind: 'remove-route'; readonly id: string }
  | { readonly kind: 'ping'; readonly id: string }
  | SipWish
  | { readonly kind: 'unknown'; readonly id: string };

const separator = Buffer.from('\r\n', 'latin1');

/** Reads one payload: a line of fields, and for some kinds a SIP message after it. Never throws. */
export function parseClientMessage(payload: Buffer, limits: MessageLimits): ClientMessage {
  const end = payload.indexOf(separator);
  const line = payload.toString('utf8', 0, end === -1 ? payload.length : end);
  const fields = line.split('|');
  const [id = '', type = '', first = '', second = '', third = ''] = fields;
  const rest = end === -1 ? undefined : payload.subarray(end + 2);
  switch (type) {
    case 'authenticate':
      return { kind: 'authenticate', id, secret: first, tags: parseTags(second) };
    case 'route':
      return { kind: 'route', id, verb: first.toLowerCase() };
    case 'remove_route':
      return { kind: 'remove-route', id };
    case 'ping':
      return { kind: 'ping', id };
    case 'sip':
      return rest === undefined ? { kind: 'unknown', id } : readSip(id, [first, second, third], rest, limits);
    case 'proxy':
      return rest === undefined ? { kind: 'unknown', id } : readProxy(fields, rest, limits);
    default:
      return { kind: 'unknown', id };
  }
}

function readProxy(fields: readonly string[], bytes: Buffer, limits: MessageLimits): ClientMessage {
  const [id = '', , transactionId = '', remain, full, follow, forking, provisional = '', final = ''] = fields;
  const end = endOfHead(bytes);
  return {
    kind: 'proxy',
    id,
    transactionId,
    remainInDialog: remain === 'remainInDialog',
    fullResponse: full === 'fullResponse',
    followRedirects: follow === 'followRedirects',
    simultaneous: forking === 'simultaneous',
    provisionalMs: durationMs(provisional),
    finalMs: durationMs(final),
    destinations: fields.slice(9).filter((destination) => destination !== ''),
    headers: readHead(bytes.toString('latin1', 0, end === -1 ? bytes.length : end), limits).headers,
  };
}

function readSip(
  id: string,
  [transactionId, dialogId, nextHop]: readonly [string, string, string],
  bytes: Buffer,
  limits: MessageLimits,
): ClientMessage {
  const end = endOfHead(bytes);
  const head = readHead(bytes.toString('latin1', 0, end === -1 ? bytes.length : end), limits);
  if (head.start === undefined) return { kind: 'unknown', id };
  // The library counts Content-Length in characters; the frame knows better where the body ends.
  const part = { id, headers: head.headers, body: end === -1 ? bytes.subarray(bytes.length) : bytes.subarray(end) };
  return head.start.kind === 'request'
    ? { transactionId, dialogId, nextHop, ...part, ...head.start }
    : { transactionId, ...part, ...head.start };
}
