import type { Notice } from '../../payment/notice.ts';
import type { Clock, Timer } from '../../shared/clock.ts';
import type { DeliveryResult, Webhook } from './webhook.ts';
import type { Send } from './webhook-sender.ts';

/** Requests to one receiver at a time. */
export const atOnceMax = 4;

const seconds = 1000;
const minutes = 60 * seconds;

/** Waits before the second try and those after it; the last is repeated. */
export const retryDelaysMs = [5 * seconds, 30 * seconds, 2 * minutes, 10 * minutes, 30 * minutes, 60 * minutes];
/** After this a receiver is told no more of the event. */
export const owedForMs = 72 * 60 * minutes;

interface Owed {
  readonly notice: Notice;
  readonly bytes: number;
  tries: number;
  timer: Timer | null;
}

export interface LineParts {
  readonly hook: Webhook;
  readonly clock: Clock;
  readonly send: Send;
  readonly settled: (notice: Notice, result: DeliveryResult) => void;
  readonly failed: (status: number | 'no-answer') => void;
}

/** What is owed to one receiver: told as soon as may be, and again with growing waits until it says 2xx. */
export class ReceiverLine {
  readonly #parts: LineParts;
  readonly #owed = new Map<string, Owed>();
  readonly #ready: Owed[] = [];
  #running = 0;
  #bytes = 0;
  #closed = false;

  constructor(parts: LineParts) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#owed.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  owe(notice: Notice): void {
    if (this.#closed || this.#owed.has(notice.id)) return;
    const owed: Owed = { notice, bytes: JSON.stringify(notice.event).length, tries: 0, timer: null };
    this.#owed.set(notice.id, owed);
    this.#bytes += owed.bytes;
    this.#ready.push(owed);
    this.#next();
  }

  /** Gives up what has been owed longest. */
  forgetOldest(): void {
    const [oldest] = this.#owed.values();
    if (oldest !== undefined) this.#settle(oldest, 'given-up');
  }

  /** Tells nobody anything more; what is owed stays in the outbox. */
  close(): void {
    this.#closed = true;
    for (const { timer } of this.#owed.values()) timer?.cancel();
  }

  #next(): void {
    while (!this.#closed && this.#running < atOnceMax) {
      const owed = this.#ready.shift();
      if (owed === undefined) return;
      if (this.#owed.get(owed.notice.id) === owed) void this.#tell(owed);
    }
  }

  async #tell(owed: Owed): Promise<void> {
    const { hook, send, failed } = this.#parts;
    this.#running += 1;
    const status = await send(hook, owed.notice);
    this.#running -= 1;
    if (status !== 'no-answer' && status >= 200 && status < 300) this.#settle(owed, 'delivered');
    else {
      failed(status);
      this.#later(owed);
    }
    this.#next();
  }

  #later(owed: Owed): void {
    const { clock } = this.#parts;
    if (this.#closed || !this.#owed.has(owed.notice.id)) return;
    const wait = retryDelaysMs[Math.min(owed.tries, retryDelaysMs.length - 1)] ?? 0;
    if (clock.now() + wait - Date.parse(owed.notice.at) > owedForMs) return this.#settle(owed, 'given-up');
    owed.tries += 1;
    owed.timer = clock.after(wait, () => {
      owed.timer = null;
      this.#ready.push(owed);
      this.#next();
    });
  }

  #settle(owed: Owed, result: DeliveryResult): void {
    if (!this.#owed.delete(owed.notice.id)) return;
    owed.timer?.cancel();
    this.#bytes -= owed.bytes;
    this.#parts.settled(owed.notice, result);
  }
}
