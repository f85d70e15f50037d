import { type FaultReason, faultReasons, type MessageFault } from './message-fault.ts';
import { endOfHead, type MessageHead, methodOfLine, readHead } from './message-head.ts';
import type { MessageLimits } from './message-limits.ts';
import { answerFields, validateHead } from './message-validation.ts';
import { noBody, type SipMessage } from './sip-message.ts';

export type ParseResult =
  | { readonly kind: 'message'; readonly message: SipMessage }
  | { readonly kind: 'fault'; readonly fault: MessageFault };

/**
 * Reads one datagram. Bytes after Content-Length are ignored (RFC 3261 §18.3); without Content-Length the body is all
 * that follows. Never throws and never keeps a reference to `bytes` but for the body.
 */
export function parseDatagram(bytes: Buffer, limits: MessageLimits): ParseResult {
  let start = 0;
  while (bytes[start] === 0x0d || bytes[start] === 0x0a) start += 1;
  if (start === bytes.length) return { kind: 'fault', fault: { reason: 'empty', status: 0, request: undefined } };
  const content = bytes.subarray(start);
  const end = endOfHead(content);
  const headBytes = end === -1 ? content : content.subarray(0, end);
  if (headBytes.length > limits.headBytes) return faultOf('head-too-long', headBytes, undefined);
  const head = readHead(headBytes, limits);
  if (end === -1) return faultOf(head.fault ?? 'no-blank-line', headBytes, head);
  const rest = content.subarray(end);
  const length = head.contentLength ?? rest.length;
  if (length > rest.length) return faultOf(head.fault ?? 'body-cut-short', headBytes, head);
  return finishMessage(headBytes, head, rest.subarray(0, length), limits);
}

/** Puts a head that was read and its body together; the body must have the length that the head asks for. */
export function finishMessage(headBytes: Buffer, head: MessageHead, body: Buffer, limits: MessageLimits): ParseResult {
  const reason = validateHead(head) ?? (body.length > limits.bodyBytes ? 'body-too-long' : undefined);
  if (reason !== undefined || head.start === undefined) return faultOf(reason ?? 'start-line', headBytes, head);
  const { headers } = head;
  return { kind: 'message', message: { ...head.start, headers, body: body.length === 0 ? noBody : body } };
}

/** A refusal with as much of the request as an answer needs; responses and ACKs are never answered. */
export function faultOf(reason: FaultReason, headBytes: Buffer, head: MessageHead | undefined): ParseResult {
  const method = head?.start?.kind === 'request' ? head.start.method : methodOfLine(headBytes);
  const answerable =
    head !== undefined &&
    head.start?.kind !== 'response' &&
    !/^SIP\//i.test(method) &&
    method !== 'ACK' &&
    head.headers.some((field) => field.name === 'Via');
  const status = answerable ? faultReasons[reason] : 0;
  const request = status === 0 ? undefined : { method, headers: answerFields(head?.headers ?? []) };
  return { kind: 'fault', fault: { reason, status, request } };
}
