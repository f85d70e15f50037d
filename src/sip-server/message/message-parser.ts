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
  const end = endOfHead(bytes, start);
  const headEnd = end === -1 ? bytes.length : end;
  if (headEnd - start > limits.headBytes) return faultOf('head-too-long', bytes.toString('latin1', start, start + 64));
  const text = bytes.toString('latin1', start, headEnd);
  const head = readHead(text, limits);
  if (end === -1) return faultOf(head.fault ?? 'no-blank-line', text, head);
  const bodyEnd = head.contentLength === undefined ? bytes.length : end + head.contentLength;
  if (bodyEnd > bytes.length) return faultOf(head.fault ?? 'body-cut-short', text, head);
  return finishMessage(text, head, bodyEnd === end ? noBody : bytes.subarray(end, bodyEnd), limits);
}

/** Puts a head that was read and its body together; the body must have the length that the head asks for. */
export function finishMessage(text: string, head: MessageHead, body: Uint8Array, limits: MessageLimits): ParseResult {
  const reason = validateHead(head) ?? (body.length > limits.bodyBytes ? 'body-too-long' : undefined);
  const { start, headers } = head;
  if (reason !== undefined || start === undefined) return faultOf(reason ?? 'start-line', text, head);
  const message: SipMessage =
    start.kind === 'request'
      ? { kind: 'request', method: start.method, uri: start.uri, headers, body }
      : { kind: 'response', status: start.status, reason: start.reason, headers, body };
  return { kind: 'message', message };
}

/**
 * A refusal with as much of the request as an answer needs; responses and ACKs are never answered.
 * @param text of the head, or how it begins.
 */
export function faultOf(reason: FaultReason, text: string, head?: MessageHead): ParseResult {
  const method = head?.start?.kind === 'request' ? head.start.method : methodOfLine(text);
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
