import { createSocket, type Socket } from 'node:dgram';
import { parseSip, type SipText } from './sip-text.ts';

export interface SipAddress {
  readonly address: string;
  readonly port: number;
}

/** A message as it came in. */
export interface ReceivedSip extends SipText {
  readonly from: SipAddress;
  /** Milliseconds of `performance.now()`. */
  readonly at: number;
}

interface Waiter {
  readonly fits: (message: ReceivedSip) => boolean;
  readonly take: (message: ReceivedSip) => void;
}

/**
 * A SIP end point driven by hand over UDP: sends any bytes, hands over what comes in, and does nothing by itself. For
 * races and for wrong behaviour; `SipPhone` is the well-behaved one on top of it.
 */
export class SipPeer {
  /** Everything that ever came in, oldest first. */
  readonly log: ReceivedSip[] = [];
  /** Called for each message that nobody awaits. */
  onMessage: (message: ReceivedSip) => void = (message) => void this.#unread.push(message);
  readonly #socket: Socket;
  readonly #waiting = new Set<Waiter>();
  readonly #unread: ReceivedSip[] = [];

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.on('message', (bytes, { address, port }) => this.#receive(bytes.toString(), { address, port }));
    socket.on('error', () => undefined);
  }

  static async open(port = 0, address = '127.0.0.1'): Promise<SipPeer> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 4_000_000 });
    await new Promise<void>((done, fail) => {
      socket.once('error', fail);
      socket.bind({ address, port, exclusive: true }, done);
    });
    return new SipPeer(socket);
  }

  get port(): number {
    return this.#socket.address().port;
  }

  get address(): string {
    return this.#socket.address().address;
  }

  get hostPort(): string {
    return `${this.address}:${this.port}`;
  }

  send(text: string | Buffer, to: SipAddress): void {
    this.#socket.send(text, to.port, to.address);
  }

  /** Resolves with the next message that fits, also one that came before and that nobody has taken. */
  await(what: string, fits: (message: ReceivedSip) => boolean, withinMs = 5000): Promise<ReceivedSip> {
    const at = this.#unread.findIndex(fits);
    const [early] = at < 0 ? [] : this.#unread.splice(at, 1);
    if (early !== undefined) return Promise.resolve(early);
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        fits,
        take: (message) => {
          clearTimeout(timer);
          resolve(message);
        },
      };
      const timer = setTimeout(() => {
        this.#waiting.delete(waiter);
        reject(
          new Error(
            `no ${what} within ${withinMs} ms; last: ${this.log
              .slice(-5)
              .map((m) => m.startLine)
              .join(' | ')}`,
          ),
        );
      }, withinMs);
      this.#waiting.add(waiter);
    });
  }

  awaitRequest(method: string, withinMs?: number): Promise<ReceivedSip> {
    return this.await(method, (message) => message.status === undefined && message.method === method, withinMs);
  }

  awaitResponse(method: string, from: number, to = from, withinMs?: number): Promise<ReceivedSip> {
    const fits = ({ status, method: of }: SipText): boolean =>
      of === method && status !== undefined && status >= from && status <= to;
    return this.await(`${from}–${to} to ${method}`, fits, withinMs);
  }

  async close(): Promise<void> {
    await new Promise<void>((done) => this.#socket.close(done));
  }

  #receive(text: string, from: SipAddress): void {
    // Keep-alives (RFC 5626 §3.5.1) are no messages.
    if (text.trim() === '') return;
    const message: ReceivedSip = { ...parseSip(text), from, at: performance.now() };
    this.log.push(message);
    const waiter = [...this.#waiting].find((candidate) => candidate.fits(message));
    if (waiter === undefined) return this.onMessage(message);
    this.#waiting.delete(waiter);
    waiter.take(message);
  }
}
