import { randomInt } from 'node:crypto';
import type { Clock } from '../../shared/clock.ts';
import { RepeatedAnswer } from '../dialog/repeated-answer.ts';
import type { SipResponse } from '../message/sip-message.ts';

/** The reliable provisional answers to one INVITE (RFC 3262 §3): one at a time, each until its PRACK. */
export class ReliableProvisionals {
  readonly #clock: Clock;
  readonly #send: (response: SipResponse) => void;
  readonly #giveUp: () => void;
  readonly #waiting: { readonly sequence: number; readonly response: SipResponse }[] = [];
  // RFC 3262 §3: the first RSeq is anything from 1 to 2³¹ - 1; a small one leaves room to count.
  #last = randomInt(1, 10_000);
  #repeating: RepeatedAnswer | undefined;

  constructor(clock: Clock, send: (response: SipResponse) => void, giveUp: () => void) {
    this.#clock = clock;
    this.#send = send;
    this.#giveUp = giveUp;
  }

  /** Answers that were not confirmed yet. */
  get size(): number {
    return this.#waiting.length;
  }

  /** Whether one of them describes the session. */
  get holdsDescription(): boolean {
    return this.#waiting.some(({ response }) => response.body.length > 0);
  }

  nextSequence(): number {
    this.#last += 1;
    return this.#last;
  }

  /** Sends the answer now, or when those before it are confirmed. */
  add(sequence: number, response: SipResponse): void {
    this.#waiting.push({ sequence, response });
    if (this.#waiting.length === 1) this.#begin();
  }

  /** A PRACK came; false if it confirms nothing that waits. */
  confirm(sequence: number): boolean {
    if (this.#waiting[0]?.sequence !== sequence) return false;
    this.#repeating?.confirm();
    this.#waiting.shift();
    if (this.#waiting.length > 0) this.#begin();
    return true;
  }

  stop(): void {
    this.#repeating?.dispose();
    this.#waiting.length = 0;
  }

  #begin(): void {
    const first = this.#waiting[0];
    if (first === undefined) return;
    this.#send(first.response);
    this.#repeating = new RepeatedAnswer(this.#clock, 'provisional', () => this.#send(first.response), this.#giveUp);
  }
}
