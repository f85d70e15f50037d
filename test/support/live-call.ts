import { expect } from 'vitest';
import type { ApiClient } from './api-client.ts';
import type { EventStream, Frame, ReceivedFrame } from './event-stream.ts';
import type { PhoneCall } from './phone-call.ts';

/** How the customer keys: RTP events of RFC 4733, or SIP INFO. */
export type KeyWay = 'events' | 'info';

export const orderDetails = {
  type: 'charge',
  amount: 12_300,
  cardholder: 'Test Customer',
  reference: 'ORDER-AB',
  expiry: '12/30',
} as const;

/** Between two INFOs a finger is lifted; nobody keys faster. */
const infoGapMs = 90;

/** One call through the gateway, with both telephones and the agent's desktop in a test's hands. */
export class LiveCall {
  readonly id: string;
  readonly caller: PhoneCall;
  readonly agent: PhoneCall;
  readonly api: ApiClient;
  readonly events: EventStream;
  sessionId = '';

  constructor(id: string, caller: PhoneCall, agent: PhoneCall, api: ApiClient, events: EventStream) {
    this.id = id;
    this.caller = caller;
    this.agent = agent;
    this.api = api;
    this.events = events;
  }

  /** Opens the payment session and fills in what the agent types. */
  async open(details: object = orderDetails): Promise<string> {
    this.sessionId = await this.api.openSession(this.id);
    await this.api.details(this.sessionId, details);
    return this.sessionId;
  }

  /** Requests a field; resolves with the `capture.locked` frame. */
  async lock(field: string): Promise<ReceivedFrame> {
    const since = this.events.mark();
    await this.api.capture(this.sessionId, field);
    return this.events.nextReceived('capture.locked', (frame) => this.#mine(frame) && frame['field'] === field, {
      since,
    });
  }

  async key(keys: string, way: KeyWay = 'events'): Promise<void> {
    if (way === 'events') return this.caller.rtp.pressAll(keys, { durationMs: 60, gapMs: 40 });
    for (const key of keys) {
      const response = await this.caller.info(`Signal=${key}\r\nDuration=160\r\n`);
      if (response.status !== 200) throw new Error(`INFO: ${response.startLine}`);
      await new Promise((done) => setTimeout(done, infoGapMs));
    }
  }

  /** Locks, keys, and waits for the end of the field and of the lock. */
  async take(field: string, keys: string, way: KeyWay = 'events'): Promise<Frame> {
    await this.lock(field);
    const since = this.events.mark();
    await this.key(keys, way);
    return this.ending(field, since);
  }

  /** Waits for `capture.unlocked`. @returns the `completed` or `failed` frame before it. */
  async ending(field: string, since = 0, withinMs = 15_000): Promise<Frame> {
    const ended = (type: string) =>
      this.events.nextReceived(type, (frame) => this.#mine(frame) && frame['field'] === field, { since, withinMs });
    const { frame } = await Promise.any([ended('capture.completed'), ended('capture.failed')]);
    await ended('capture.unlocked');
    return frame;
  }

  /** Authorises; resolves with the first frame that tells an outcome. */
  async authorise(withinMs = 15_000): Promise<Frame> {
    const since = this.events.mark();
    await this.api.authorise(this.sessionId);
    const outcomes = ['succeeded', 'declined', 'unknown', 'cancelled', 'surcharge'];
    return Promise.any(
      outcomes.map((one) => this.events.next(`payment.${one}`, (frame) => this.#mine(frame), { since, withinMs })),
    );
  }

  /** Demands that each side hears sound of the other that comes from now on. */
  async hearEachOther(): Promise<void> {
    const from = performance.now();
    for (const { rtp } of [this.agent, this.caller])
      await expect.poll(() => rtp.heard.sounding(from).length, { timeout: 3000 }).toBeGreaterThan(5);
  }

  /** Types of this call's frames, in order, from a mark on. */
  types(since = 0): string[] {
    return this.events.frames
      .slice(since)
      .filter((frame) => this.#mine(frame))
      .map((frame) => frame.type);
  }

  /** The customer hangs up; resolves when the agent's side has heard it. */
  async hangUp(): Promise<void> {
    await this.caller.bye();
    await this.agent.ended;
  }

  dispose(): void {
    this.events.close();
  }

  #mine(frame: Frame): boolean {
    return frame.callId === this.id;
  }
}
