import { printHostPort } from '../message/host-port.ts';
import type { SocketAddress } from '../transport/flow.ts';

/** Peers that did not take a connection are asked by UDP for so long, however long the request is. */
const rememberedMs = 600_000;
const rememberedMax = 1_000;

/** Who has no TCP: asking again for every long request would cost each of them the wait for a connection. */
export class TcpRefusals {
  readonly #until = new Map<string, number>();
  readonly #now: () => number;

  constructor(now: () => number) {
    this.#now = now;
  }

  note({ address, port }: SocketAddress): void {
    this.#until.set(printHostPort(address, port), this.#now() + rememberedMs);
    if (this.#until.size <= rememberedMax) return;
    for (const oldest of this.#until.keys()) {
      this.#until.delete(oldest);
      break;
    }
  }

  holds({ address, port }: SocketAddress): boolean {
    return (this.#until.get(printHostPort(address, port)) ?? 0) > this.#now();
  }
}
