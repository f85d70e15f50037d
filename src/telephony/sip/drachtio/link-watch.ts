import type { Clock, Timer } from '../../../shared/clock.ts';

/** The socket of a link, as far as its watch cares. */
export interface WatchedSocket {
  readonly bytesRead: number;
  destroy(): void;
}

/** So many spans without a byte end a link. Two, since the first may be this process's own standstill. */
const quietSpansMax = 2;

/**
 * Drops a link to a SIP server from which nothing comes any more although it is asked: a machine that has gone without a
 * word leaves its connection standing for hours. The library asks (`ping`) but does not wait for the answer.
 */
export class LinkWatch {
  readonly #clock: Clock;
  readonly #spanMs: number;
  readonly #silent: () => void;
  #timer: Timer | undefined;

  /** @param spanMs how often the server is asked. @param silent called before the socket is destroyed. */
  constructor(clock: Clock, spanMs: number, silent: () => void) {
    this.#clock = clock;
    this.#spanMs = spanMs;
    this.#silent = silent;
  }

  /** Watches this socket and no other from now on; `asked` says whether the server owes us any word at all. */
  begin(socket: WatchedSocket, asked: () => boolean): void {
    this.end();
    let read = socket.bytesRead;
    let quiet = 0;
    const look = (): void => {
      quiet = socket.bytesRead === read && asked() ? quiet + 1 : 0;
      read = socket.bytesRead;
      if (quiet < quietSpansMax) {
        this.#timer = this.#clock.after(this.#spanMs, look);
        return;
      }
      this.#timer = undefined;
      this.#silent();
      socket.destroy();
    };
    this.#timer = this.#clock.after(this.#spanMs, look);
  }

  /** Harmless when called twice. */
  end(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }
}
