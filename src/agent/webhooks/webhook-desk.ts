import { randomUUID } from 'node:crypto';
import type { Notice } from '../../payment/notice.ts';
import type { Clock } from '../../shared/clock.ts';
import type { EventName } from '../../shared/event-name.ts';
import { type AgentEvent, type EventSubject, frameSchemas } from '../frame.ts';
import { ReceiverLine } from './receiver-line.ts';
import type { Outbox, Webhook } from './webhook.ts';
import type { Send } from './webhook-sender.ts';

/** Owed to all receivers together. The oldest is given up for what is above that: each new file of the journal repeats it. */
export const owedMax = 5_000;
export const owedBytesMax = 6 * 1024 * 1024;

export interface WebhookObserver {
  delivered(hook: string): void;
  failed(hook: string, status: number | 'no-answer'): void;
  givenUp(hook: string): void;
  /** An event did not fit its schema, or the storage refused it: nobody will be told. */
  lost(type: string): void;
}

export interface WebhookDeskParts {
  readonly hooks: readonly Webhook[];
  readonly outbox: Outbox;
  readonly send: Send;
  readonly clock: Clock;
  readonly observer: WebhookObserver;
}

/**
 * Tells receivers of events, at least once each. An event goes into the outbox first and to the receivers when it is safe
 * there; nobody who publishes waits for either, and a receiver that is slow or dead keeps only itself waiting.
 */
export class WebhookDesk {
  readonly #parts: WebhookDeskParts;
  readonly #lines = new Map<string, ReceiverLine>();

  constructor(parts: WebhookDeskParts) {
    this.#parts = parts;
    const { clock, send, observer, outbox } = parts;
    for (const hook of parts.hooks) {
      const line = new ReceiverLine({
        hook,
        clock,
        send,
        failed: (status) => observer.failed(hook.name, status),
        settled: (notice, result) => {
          if (result === 'delivered') observer.delivered(hook.name);
          else observer.givenUp(hook.name);
          outbox.settle(notice.id, hook.name, result).catch(() => undefined);
        },
      });
      this.#lines.set(hook.name, line);
    }
  }

  /** Notices that are owed. */
  get size(): number {
    return [...this.#lines.values()].reduce((sum, line) => sum + line.size, 0);
  }

  /** Begins with what an earlier process has left owing; what is owed to receivers that are no more is given up. */
  start(): void {
    this.take(this.#parts.outbox.owed());
  }

  /** Notices that are in the outbox already: with what they tell of, or left owing by a process which is no more. Never throws. */
  take(notices: readonly Notice[]): void {
    const { outbox } = this.#parts;
    for (const notice of notices) {
      this.#owe(notice);
      for (const gone of notice.hooks.filter((name) => !this.#lines.has(name)))
        outbox.settle(notice.id, gone, 'given-up').catch(() => undefined);
    }
  }

  /** Never throws and never waits. */
  publish(event: AgentEvent, about: EventSubject): void {
    const notice = this.draw(event, about);
    if (notice === undefined) return;
    this.#parts.outbox.put(notice).then(
      (safe) => this.#owe(safe),
      () => this.#parts.observer.lost(event.type),
    );
  }

  /** What would be owed of an event, for whoever writes it down with something else: `take` is for when it is safe. */
  draw(event: AgentEvent, about: EventSubject): Notice | undefined {
    const { hooks, clock, observer } = this.#parts;
    const wanted = hooks.filter(({ events }) => events.has(event.type as EventName)).map(({ name }) => name);
    if (wanted.length === 0) return undefined;
    const at = new Date(clock.now()).toISOString();
    const frame = frameSchemas[event.type]?.safeParse({ seq: 0, at, ...event, ...about });
    if (frame?.success !== true) {
      observer.lost(event.type);
      return undefined;
    }
    const { seq: _, ...payload } = frame.data;
    return { id: randomUUID(), hooks: wanted, at, event: payload };
  }

  /** Resolves at once: what is owed is kept. */
  close(): void {
    for (const line of this.#lines.values()) line.close();
  }

  #owe(notice: Notice): void {
    for (const name of notice.hooks) this.#lines.get(name)?.owe(notice);
    while (this.#isTooMuch()) this.#longest()?.forgetOldest();
  }

  #isTooMuch(): boolean {
    const lines = [...this.#lines.values()];
    const bytes = lines.reduce((sum, line) => sum + line.bytes, 0);
    return this.size > owedMax || bytes > owedBytesMax;
  }

  /** The receiver that is owed most pays for it. */
  #longest(): ReceiverLine | undefined {
    return [...this.#lines.values()].sort((a, b) => b.bytes - a.bytes)[0];
  }
}
