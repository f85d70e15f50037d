import type { Clock, Timer } from '../shared/clock.ts';
import { CodedError, type ErrorCode } from '../shared/coded-error.ts';
import { type Answer, type Ask, type RequestKind, requests } from './messages.ts';

/** More requests than this at once are no calls that could be served. */
export const maxUnderWay = 4_096;

/** What lets go of something is never refused: it happens once for each thing, and left out it would be kept for ever. */
const letsGo: ReadonlySet<RequestKind> = new Set(['call.end', 'field.stop', 'card.wipe', 'room.close']);

/** The answer to the settings has this id; requests count from 1. */
export const openingId = 0;

interface UnderWay {
  readonly kind: RequestKind;
  readonly limit: Timer;
  settle(answer: unknown): void;
  reject(error: CodedError): void;
}

/** What became of an answer that came in: `late` is one whose request has timed out, `bad` one of the wrong shape. */
export type Fate = 'taken' | 'late' | 'bad';

/** The requests to the room that wait for their answers, each with its limit of time. */
export class RequestBook {
  readonly #clock: Clock;
  readonly #underWay = new Map<number, UnderWay>();
  #lastId = openingId;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get size(): number {
    return this.#underWay.size;
  }

  /**
   * Notes a request and gives it to `send`.
   * @returns the answer; rejects with a `CodedError`: the room's own, `timed-out`, `overloaded`, or that of {@link rejectAll}.
   */
  ask<K extends RequestKind>(
    kind: K,
    ask: Ask<K>,
    limitMs: number,
    send: (message: unknown) => void,
  ): Promise<Answer<K>> {
    if (this.#underWay.size >= maxUnderWay && !letsGo.has(kind)) return Promise.reject(new CodedError('overloaded'));
    this.#lastId += 1;
    const id = this.#lastId;
    return new Promise((resolve, reject) => {
      const limit = this.#clock.after(limitMs, () => this.#take(id)?.reject(new CodedError('timed-out')));
      this.#underWay.set(id, { kind, limit, settle: (answer) => resolve(answer as Answer<K>), reject });
      send({ id, kind, ask });
    });
  }

  /** An answer that fits no request's shape ends its request as if the room were lost: what it did is not known. */
  answered(id: number, answer: unknown): Fate {
    const request = this.#take(id);
    if (request === undefined) return 'late';
    const checked = requests[request.kind].answer.safeParse(answer);
    if (checked.success) request.settle(checked.data);
    else request.reject(new CodedError('cde-lost'));
    return checked.success ? 'taken' : 'bad';
  }

  refused(id: number, code: ErrorCode): Fate {
    const request = this.#take(id);
    request?.reject(new CodedError(code));
    return request === undefined ? 'late' : 'taken';
  }

  /** The room is gone: nobody will answer any more. */
  rejectAll(code: ErrorCode): void {
    for (const id of [...this.#underWay.keys()]) this.#take(id)?.reject(new CodedError(code));
  }

  #take(id: number): UnderWay | undefined {
    const request = this.#underWay.get(id);
    request?.limit.cancel();
    this.#underWay.delete(id);
    return request;
  }
}
