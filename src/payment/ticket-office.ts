import type { Clock } from '../shared/clock.ts';
import { CodedError, type ErrorCode } from '../shared/coded-error.ts';

interface Waiting {
  readonly settle: (code: ErrorCode | null) => void;
}

/**
 * Commands that wait for the world. Each holds a ticket; the machine answers it when the time has come, or the client
 * hears `timed-out`, which undoes nothing.
 */
export class TicketOffice {
  readonly #clock: Clock;
  readonly #waitMs: number;
  readonly #waiting = new Map<number, Waiting>();
  #last = 0;

  constructor(clock: Clock, waitMs: number) {
    this.#clock = clock;
    this.#waitMs = waitMs;
  }

  get size(): number {
    return this.#waiting.size;
  }

  draw(): { readonly ticket: number; readonly answered: Promise<void> } {
    this.#last += 1;
    const ticket = this.#last;
    const answered = new Promise<void>((resolve, reject) => {
      const timer = this.#clock.after(this.#waitMs, () => this.answer(ticket, 'timed-out'));
      const settle = (code: ErrorCode | null): void => {
        timer.cancel();
        if (code === null) resolve();
        else reject(new CodedError(code));
      };
      this.#waiting.set(ticket, { settle });
    });
    // Whoever drew it may look at it only after other work; a refusal before that is no fault of the process.
    answered.catch(() => {});
    return { ticket, answered };
  }

  /** Harmless when the ticket was answered already. */
  answer(ticket: number, code: ErrorCode | null): void {
    const waiting = this.#waiting.get(ticket);
    this.#waiting.delete(ticket);
    waiting?.settle(code);
  }
}
