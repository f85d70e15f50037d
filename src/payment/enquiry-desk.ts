import type { Clock, Timer } from '../shared/clock.ts';
import type { AttemptId } from '../shared/ids.ts';
import type { CardRoom, EnquiryAnswer, PspDescription } from './card-room.ts';
import type { DeskObserver } from './desk-observer.ts';

/** More unknown payments than this are not asked about by themselves; an agent still can. */
export const watchedMax = 10_000;

export type DefiniteAnswer = Exclude<EnquiryAnswer, { answer: 'still-unknown' }>;

/** What a provider can be asked about: a payment by its attempt, or a refund by its own key. */
export interface Question {
  readonly attempt: AttemptId;
  readonly psp: string;
  readonly about?: 'payment' | 'refund';
}

interface Watched<Q> {
  readonly intent: Q;
  tries: number;
  timer: Timer | null;
  asking: Promise<EnquiryAnswer> | null;
}

/**
 * Asks providers what became of unknown payments and refunds: by itself with growing waits, and at once when an agent wants to know.
 * A payment is watched until it is resolved. Nothing is ever sent again from here.
 */
export class EnquiryDesk<Q extends Question> {
  readonly #room: CardRoom;
  readonly #clock: Clock;
  readonly #observer: DeskObserver;
  readonly #delaysMs: readonly number[];
  /** Writes down and tells the answer; called once for an attempt. */
  readonly #resolve: (intent: Q, answer: DefiniteAnswer) => Promise<void>;
  readonly #watched = new Map<AttemptId, Watched<Q>>();

  constructor(
    room: CardRoom,
    clock: Clock,
    observer: DeskObserver,
    delaysMs: readonly number[],
    resolve: (intent: Q, answer: DefiniteAnswer) => Promise<void>,
  ) {
    this.#room = room;
    this.#clock = clock;
    this.#observer = observer;
    this.#delaysMs = delaysMs;
    this.#resolve = resolve;
  }

  get size(): number {
    return this.#watched.size;
  }

  /** Twice is once. */
  watch(intent: Q): void {
    if (this.#watched.has(intent.attempt) || this.#watched.size >= watchedMax) return;
    const watched: Watched<Q> = { intent, tries: 0, timer: null, asking: null };
    this.#watched.set(intent.attempt, watched);
    this.#schedule(watched);
  }

  /**
   * The attempt is settled by other means, a void: an answer that is still on its way may be older than that and must not
   * be written over it. Harmless when nobody asks about it.
   */
  forget(attempt: AttemptId): void {
    this.#watched.get(attempt)?.timer?.cancel();
    this.#watched.delete(attempt);
  }

  /** Asks now. Questions about one attempt at the same time are one question. Never rejects. */
  async ask(intent: Q): Promise<EnquiryAnswer> {
    this.watch(intent);
    const watched = this.#watched.get(intent.attempt);
    if (watched === undefined) return { answer: 'still-unknown' };
    watched.asking ??= this.#ask(watched).finally(() => {
      watched.asking = null;
    });
    return watched.asking;
  }

  /** Stops asking by itself: when the gateway stops. */
  stop(): void {
    for (const { timer } of this.#watched.values()) timer?.cancel();
    this.#watched.clear();
  }

  #schedule(watched: Watched<Q>): void {
    const delay = this.#delaysMs[watched.tries];
    if (delay === undefined) return;
    watched.timer = this.#clock.after(delay, () => {
      watched.tries += 1;
      void this.ask(watched.intent).then((answer) => {
        if (answer.answer === 'still-unknown' && this.#watched.has(watched.intent.attempt)) this.#schedule(watched);
      });
    });
  }

  async #ask(watched: Watched<Q>): Promise<EnquiryAnswer> {
    const { intent, timer } = watched;
    const answer = await this.#answer(intent);
    if (this.#watched.get(intent.attempt) !== watched) return { answer: 'still-unknown' };
    this.#observer.enquiryAnswered(intent.psp, answer.answer);
    if (answer.answer === 'still-unknown') return answer;
    timer?.cancel();
    this.#watched.delete(intent.attempt);
    await this.#resolve(intent, answer);
    return answer;
  }

  async #answer(intent: Q): Promise<EnquiryAnswer> {
    try {
      const psps: PspDescription[] = await this.#room.describePsps();
      if (psps.find((psp) => psp.id === intent.psp)?.can.enquire !== true) return { answer: 'still-unknown' };
      return await this.#room.enquire(intent.attempt, intent.psp, intent.about ?? 'payment');
    } catch {
      return { answer: 'still-unknown' };
    }
  }
}
