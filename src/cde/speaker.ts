import type { Clock } from '../shared/clock.ts';
import type { ErrorCode } from '../shared/coded-error.ts';
import { type Notice, noticeSchema } from './messages.ts';

/** The room's side of the pipe to the gateway. */
export interface Channel {
  /** Sends, and calls `sent` when the message is out. Does nothing when the gateway is gone. */
  send(message: unknown, sent?: () => void): void;
}

/** Incidents beyond this many a second are one flood, and the gateway knows of it already. */
const incidentsPerSecond = 20;

/** What the room says: every message is checked against the vocabulary before it leaves. */
export class Speaker {
  readonly #channel: Channel;
  readonly #clock: Clock;
  #second = 0;
  #incidents = 0;

  constructor(channel: Channel, clock: Clock) {
    this.#channel = channel;
    this.#clock = clock;
  }

  tell(notice: Notice): void {
    if (notice.kind === 'incident' && this.#flooded()) return;
    if (noticeSchema.safeParse(notice).success) this.#channel.send({ notice });
    else this.#channel.send({ notice: { kind: 'incident', word: 'assertion-failed', call: null } });
  }

  /** Answers a request. Of an error only its code leaves: its text and its stack stay here. */
  answer(id: number, answer: unknown, sent?: () => void): void {
    this.#channel.send({ id, ok: true, answer }, sent);
  }

  refuse(id: number, code: ErrorCode, sent?: () => void): void {
    this.#channel.send({ id, ok: false, code }, sent);
  }

  #flooded(): boolean {
    const second = Math.floor(this.#clock.monotonic() / 1000);
    if (second !== this.#second) {
      this.#second = second;
      this.#incidents = 0;
    }
    this.#incidents += 1;
    return this.#incidents > incidentsPerSecond;
  }
}
