import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../../shared/clock.ts';
import type { SipArrivals } from '../../sip-port.ts';
import { DrachtioStack, type LinkTerms, type StackObserver } from './drachtio-stack.ts';

/** How long a server may take to answer our secret and to say what it wants; and what stays open after the last word of a call. */
const beginMs = 5000;
const lingerMs = 1000;

export interface ServedLinkParts {
  readonly terms: LinkTerms;
  readonly observer: Pick<StackObserver, 'linkSilent' | 'dialogsLost' | 'unreadable'>;
  readonly sessionExpiresSeconds: number;
  readonly clock: Clock;
}

/**
 * A connection that a SIP server has made to us for one call (drachtio-server's outbound mode). The one who listens ends it:
 * it is closed when nothing more of the call is under way.
 */
export class ServedLink {
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #stack: DrachtioStack;
  #timer: Timer | undefined;

  constructor(socket: Socket, parts: ServedLinkParts, arrivals: SipArrivals) {
    const { terms, clock, sessionExpiresSeconds } = parts;
    this.#socket = socket;
    this.#clock = clock;
    // A link more or less says nothing of the server behind them all.
    const observer: StackObserver = {
      linkUp: () => undefined,
      linkDown: () => undefined,
      linkSilent: () => parts.observer.linkSilent(),
      dialogsLost: (dialogs) => parts.observer.dialogsLost(dialogs),
      linkRefused: () => undefined,
      unreadable: () => parts.observer.unreadable(),
    };
    this.#stack = new DrachtioStack(observer, sessionExpiresSeconds, clock, () => this.#closeAfter(lingerMs));
    socket.setNoDelay(true);
    socket.once('close', () => this.#timer?.cancel());
    this.#closeAfter(beginMs);
    this.#stack.serve(socket, terms, arrivals);
  }

  /** Harmless when called twice. */
  close(): void {
    this.#timer?.cancel();
    this.#stack.close();
    // What was said last still goes out, whether the server closes its end or not.
    this.#socket.destroySoon();
  }

  #closeAfter(ms: number): void {
    this.#timer?.cancel();
    if (this.#socket.destroyed) return;
    this.#timer = this.#clock.after(ms, () => {
      if (!this.#stack.inUse) this.close();
    });
  }
}
