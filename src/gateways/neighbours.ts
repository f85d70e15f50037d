import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import {
  type Elsewhere,
  type ForwardedAnswer,
  type ForwardedRequest,
  forwardedAnswerSchema,
  forwardedRequestSchema,
} from '../agent/elsewhere.ts';
import { replayWindowMs } from '../agent/idempotency-store.ts';
import { problemMediaType, problemOf } from '../agent/problem.ts';
import type { Clock, Timer } from '../shared/clock.ts';
import { CodedError, type ErrorCode } from '../shared/coded-error.ts';
import { parsed } from './bus-entry.ts';
import type { GatewayBus } from './gateway-bus.ts';

/** Requests of this gateway that others have not answered yet, and requests of others that this one works on. */
export const askedMax = 2_000;
export const workedOnMax = 2_000;
/** Longer than a command may take on the other side, so that its own word comes first. */
export const answerLimitMs = 65_000;
/** A request that was so long on its way is not carried out: whoever asked has been told that nobody answered. */
export const requestLifeMs = 30_000;
/** Whoever works on a request is looked for so often: one that has died will not answer. */
export const lookEveryMs = 2_000;
/** As long as a gateway knows its Idempotency-Keys. */
const keptMs = replayWindowMs;
const textMax = 300 * 1024;

const name = z.string().min(1).max(200);
const messageSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('ask'), id: z.uuid(), from: name, at: z.number(), request: forwardedRequestSchema }),
  z.strictObject({ kind: z.literal('answer'), id: z.uuid(), answer: forwardedAnswerSchema }),
  /** Says nothing: whether it was heard is the bus's to tell. */
  z.strictObject({ kind: z.literal('look') }),
]);
type Message = z.output<typeof messageSchema>;

export interface NeighboursParts {
  readonly bus: GatewayBus;
  readonly gateway: string;
  readonly clock: Clock;
  /** Carries out what another gateway has passed on; never rejects for what the request has brought upon itself. */
  readonly perform: (request: ForwardedRequest) => Promise<ForwardedAnswer>;
  /** A message was none of ours, too old, or too much. */
  readonly refused: (why: 'unreadable' | 'late' | 'overloaded') => void;
}

interface Asked {
  readonly holder: string;
  readonly untilMs: number;
  readonly resolve: (answer: ForwardedAnswer) => void;
  readonly reject: (error: CodedError) => void;
  timer: Timer;
}

/** Passes requests on to the gateway that has the call, and carries out those that others pass on. */
export class Neighbours implements Elsewhere {
  readonly #parts: NeighboursParts;
  readonly #asked = new Map<string, Asked>();
  #workedOn = 0;

  constructor(parts: NeighboursParts) {
    this.#parts = parts;
  }

  get asked(): number {
    return this.#asked.size;
  }

  async holderOf(id: string): Promise<string | undefined> {
    const holder = await this.#parts.bus.holderOf(id);
    return holder === this.#parts.gateway ? undefined : holder;
  }

  async keeperOf(payment: string, wanted?: string): Promise<string | undefined> {
    const keeper = await this.#parts.bus.claim(`refunds-of-${payment}`, keptMs, wanted);
    return keeper === this.#parts.gateway ? undefined : keeper;
  }

  async ask(holder: string, request: ForwardedRequest): Promise<ForwardedAnswer> {
    const { gateway, clock } = this.#parts;
    if (this.#asked.size >= askedMax) throw new CodedError('overloaded');
    const id = randomUUID();
    const untilMs = clock.monotonic() + answerLimitMs;
    const answered = new Promise<ForwardedAnswer>((resolve, reject) => {
      this.#asked.set(id, { holder, untilMs, resolve, reject, timer: this.#lookLater(id) });
    });
    this.#say(id, holder, { kind: 'ask', id, from: gateway, at: clock.now(), request });
    return await answered;
  }

  /** What nobody hears is answered by nobody. */
  #say(id: string, holder: string, message: Message): void {
    this.#parts.bus.send(holder, write(message)).then(
      (heard) => heard || this.#fail(id),
      () => this.#fail(id),
    );
  }

  #lookLater(id: string): Timer {
    const { clock } = this.#parts;
    return clock.after(lookEveryMs, () => {
      const asked = this.#asked.get(id);
      if (asked === undefined) return;
      if (clock.monotonic() >= asked.untilMs) return this.#fail(id);
      asked.timer = this.#lookLater(id);
      this.#say(id, asked.holder, { kind: 'look' });
    });
  }

  heard(text: string): void {
    const message = text.length > textMax ? undefined : messageSchema.safeParse(parsed(text)).data;
    if (message === undefined) return this.#parts.refused('unreadable');
    if (message.kind === 'look') return;
    if (message.kind === 'ask') return void this.#carryOut(message);
    const asked = this.#asked.get(message.id);
    this.#asked.delete(message.id);
    asked?.timer.cancel();
    asked?.resolve(message.answer);
  }

  /** The bus is away: answers that were on their way will not come. */
  down(): void {
    for (const id of [...this.#asked.keys()]) this.#fail(id);
  }

  #fail(id: string): void {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    asked?.timer.cancel();
    asked?.reject(new CodedError('gateway-unreachable'));
  }

  async #carryOut({ id, from, at, request }: Extract<Message, { kind: 'ask' }>): Promise<void> {
    const { bus, clock, perform, refused } = this.#parts;
    const late = clock.now() - at > requestLifeMs;
    if (late || this.#workedOn >= workedOnMax) {
      refused(late ? 'late' : 'overloaded');
      const answer = refusal(late ? 'gateway-unreachable' : 'overloaded');
      return void bus.send(from, write({ kind: 'answer', id, answer })).catch(() => undefined);
    }
    this.#workedOn += 1;
    try {
      const answer = await perform(request);
      await bus.send(from, write({ kind: 'answer', id, answer }));
    } catch {
      // Whoever asked hears nothing, and says that nobody answered.
      refused('unreadable');
    } finally {
      this.#workedOn -= 1;
    }
  }
}

/** Said at once: whose clock is wrong, or who asks too much, need not wait to hear of it. */
function refusal(code: ErrorCode): ForwardedAnswer {
  const problem = problemOf(new CodedError(code));
  return { status: problem.status, mediaType: problemMediaType, body: JSON.stringify(problem), replayed: false };
}

const write = (message: Message): string => JSON.stringify(message);
