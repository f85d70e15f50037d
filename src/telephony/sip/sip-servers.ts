import type { DialEvents, DialTarget, OutgoingInvite, SipArrivals, SipPort } from '../sip-port.ts';
import { DrachtioStack, type StackAddress, type StackObserver } from './drachtio-stack.ts';

/** One or more SIP servers: calls come from any of them, and go out by those that are there, in turn. */
export class SipServers implements SipPort {
  readonly #observer: StackObserver;
  readonly #sessionExpiresSeconds: number;
  readonly #stacks: DrachtioStack[] = [];
  #turn = 0;

  constructor(observer: StackObserver, sessionExpiresSeconds = 0) {
    this.#observer = observer;
    this.#sessionExpiresSeconds = sessionExpiresSeconds;
  }

  /** Whether calls can come and go at all. */
  get connected(): boolean {
    return this.#stacks.some(({ connected }) => connected);
  }

  /** Connects to one more server; goes on trying until it is there. */
  open(address: StackAddress, arrivals: SipArrivals): void {
    const stack = new DrachtioStack(this.#observer, this.#sessionExpiresSeconds);
    this.#stacks.push(stack);
    stack.open(address, arrivals);
  }

  dial(target: DialTarget, events: DialEvents): OutgoingInvite {
    const living = this.#stacks.filter(({ connected }) => connected);
    this.#turn += 1;
    const stack = living[this.#turn % living.length];
    if (stack !== undefined) return stack.dial(target, events);
    // RFC 3261 §8.1.3.1: a request that could not be sent was answered by 503.
    events.refused(503, '');
    return { cancel: () => undefined };
  }

  close(): void {
    for (const stack of this.#stacks) stack.close();
  }
}
