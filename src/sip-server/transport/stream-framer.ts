import { endOfHead, type MessageHead, readHead } from '../message/message-head.ts';
import type { MessageLimits } from '../message/message-limits.ts';
import { faultOf, finishMessage, type ParseResult } from '../message/message-parser.ts';
import { noBody } from '../message/sip-message.ts';

export type StreamEvent =
  | ParseResult
  /** A double CRLF between messages, to be answered with one (RFC 5626 §3.5.1). */
  | { readonly kind: 'ping' }
  /** Where the next message begins can no longer be known: the connection has to close. Always the last event. */
  | { readonly kind: 'lost' };

/**
 * Cuts a byte stream into messages by Content-Length (RFC 3261 §18.3), however the stream was split or joined.
 * Holds at most one unfinished message, within the limits.
 */
export class StreamFramer {
  readonly #limits: MessageLimits;
  #pending: Buffer = Buffer.alloc(0);
  #scanned = 0;
  #head: { readonly text: string; readonly head: MessageHead } | undefined;
  #lost = false;

  constructor(limits: MessageLimits) {
    this.#limits = limits;
  }

  /** Whether a message has begun and is not whole. */
  get unfinished(): boolean {
    return this.#head !== undefined || this.#pending.length > 0;
  }

  push(chunk: Buffer): readonly StreamEvent[] {
    const events: StreamEvent[] = [];
    if (this.#lost) return events;
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    while (!this.#lost && (this.#head === undefined ? this.#takeHead(events) : this.#takeBody(events)));
    return events;
  }

  #takeHead(events: StreamEvent[]): boolean {
    this.#skipKeepalives(events);
    const end = endOfHead(this.#pending, Math.max(0, this.#scanned - 3));
    const length = end === -1 ? this.#pending.length : end;
    if (length > this.#limits.headBytes) {
      this.#lose(events, faultOf('head-too-long', this.#pending.toString('latin1', 0, 64)));
      return false;
    }
    if (end === -1) {
      this.#scanned = this.#pending.length;
      return false;
    }
    const text = this.#pending.toString('latin1', 0, end);
    const head = readHead(text, this.#limits);
    this.#drop(end);
    if (head.contentLength === undefined) {
      // RFC 3261 §18.3 requires the header on streams; with none, or with two, the next message cannot be found.
      this.#lose(events, faultOf(head.fault ?? 'no-content-length', text, head));
    } else if (head.contentLength > this.#limits.bodyBytes) {
      this.#lose(events, faultOf('body-too-long', text, head));
    } else this.#head = { text, head };
    return true;
  }

  #takeBody(events: StreamEvent[]): boolean {
    if (this.#head === undefined) return false;
    const { text, head } = this.#head;
    const length = head.contentLength ?? 0;
    if (this.#pending.length < length) return false;
    // A copy: the buffer beneath belongs to the socket's chunk and would live as long as the body does.
    const body = length === 0 ? noBody : Buffer.from(this.#pending.subarray(0, length));
    this.#drop(length);
    this.#head = undefined;
    events.push(finishMessage(text, head, body, this.#limits));
    return true;
  }

  #skipKeepalives(events: StreamEvent[]): void {
    let start = 0;
    while (isLineEnd(this.#pending[start])) {
      if (this.#pending.toString('latin1', start, start + 4) === '\r\n\r\n') {
        events.push({ kind: 'ping' });
        start += 4;
      } else if (this.#pending.length - start < 4 && '\r\n\r\n'.startsWith(this.#pending.toString('latin1', start))) {
        break;
      } else start += 1;
    }
    if (start > 0) this.#drop(start);
  }

  #drop(count: number): void {
    this.#pending = this.#pending.subarray(count);
    this.#scanned = 0;
  }

  #lose(events: StreamEvent[], fault: ParseResult): void {
    this.#lost = true;
    this.#pending = Buffer.alloc(0);
    events.push(fault, { kind: 'lost' });
  }
}

const isLineEnd = (byte: number | undefined): boolean => byte === 0x0d || byte === 0x0a;
