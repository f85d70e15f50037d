import type { DialEvents, DialTarget, OutgoingInvite, SipArrivals, SipPort } from '../../sip-port.ts';
import { DrachtioStack, type StackAddress, type StackObserver } from './drachtio-stack.ts';
import { ServerSocket, type ServerSocketOptions } from './server-socket.ts';

/**
 * One or more SIP servers: calls come from any of them, and go out by those that we are connected to, in turn; a call for
 * which a server connected to us goes out by that.
 */
export class SipServers implements SipPort {
  readonly #observer: StackObserver;
  readonly #sessionExpiresSeconds: number;
  readonly #stacks: DrachtioStack[] = [];
  readonly #sockets: ServerSocket[] = [];
  #turn = 0;

  constructor(observer: StackObserver, sessionExpiresSeconds = 0) {
    this.#observer = observer;
    this.#sessionExpiresSeconds = sessionExpiresSeconds;
  }

  /** Whether calls can come and go at all. */
  get connected(): boolean {
    return this.#sockets.length > 0 || this.#stacks.some(({ connected }) => connected);
  }

  /** Connects to one more server; goes on trying until it is there. */
  open(address: StackAddress, arrivals: SipArrivals): void {
    const stack = new DrachtioStack(this.#observer, this.#sessionExpiresSeconds);
    this.#stacks.push(stack);
    stack.open(address, arrivals);
  }

  /** Takes connections of servers from now on. @throws {Error} where the address cannot be bound. */
  async listen(options: ServerSocketOptions, arrivals: SipArrivals): Promise<void> {
    const common = { observer: this.#observer, sessionExpiresSeconds: this.#sessionExpiresSeconds };
    this.#sockets.push(await ServerSocket.open({ ...options, ...common }, arrivals));
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
    for (const socket of this.#sockets.splice(0)) socket.close();
    for (const stack of this.#stacks) stack.close();
  }
}
