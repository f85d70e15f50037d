import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../shared/clock.ts';
import type { SipServerLimits } from '../sip-server-limits.ts';
import type { SipServerObserver } from '../sip-server-observer.ts';
import type { Flow, SipProtocol, SocketAddress } from './flow.ts';
import type { MessageReceiver } from './message-receiver.ts';
import { StreamFramer } from './stream-framer.ts';

export interface StreamConnectionContext {
  readonly protocol: Exclude<SipProtocol, 'udp'>;
  readonly receiver: MessageReceiver;
  readonly limits: SipServerLimits;
  readonly observer: SipServerObserver;
  readonly clock: Clock;
}

/** Messages that may wait for one handshake. */
const earlyMax = 64;
const pong = Buffer.from('\r\n', 'latin1');

/** One TCP or TLS connection that carries SIP, whoever opened it. It closes itself on a broken stream, silence or a slow reader. */
export class StreamConnection {
  readonly flow: Flow;
  readonly #socket: Socket;
  readonly #context: StreamConnectionContext;
  readonly #framer: StreamFramer;
  /** Messages that the network has not taken yet: they fail together if the connection does. */
  readonly #unsent = new Set<() => void>();
  /** What waits for a TLS handshake of ours: the socket would count it as sent before the peer has shown who it is. */
  #early: { readonly bytes: Buffer; readonly failed: () => void }[] | undefined;
  #unfinished: Timer | undefined;

  constructor(
    socket: Socket,
    number: number,
    ends: { readonly local: SocketAddress; readonly remote: SocketAddress },
    context: StreamConnectionContext,
    handshakes = false,
  ) {
    this.flow = { protocol: context.protocol, ...ends, connection: number };
    this.#socket = socket;
    this.#context = context;
    this.#framer = new StreamFramer(context.limits.message);
    if (handshakes) {
      this.#early = [];
      socket.once('secureConnect', () => this.#sendEarly());
    }
    socket.setNoDelay(true);
    socket.setTimeout(context.limits.idleConnectionMs, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', () => context.observer.observe({ kind: 'transport-failure', protocol: context.protocol }));
    socket.on('close', () => this.#end());
  }

  send(bytes: Buffer, failed: () => void): void {
    if (this.#socket.destroyed) {
      failed();
      return;
    }
    if (this.#early !== undefined && this.#early.length < earlyMax) {
      this.#early.push({ bytes, failed });
      return;
    }
    if (
      this.#early !== undefined ||
      this.#socket.writableLength + bytes.length > this.#context.limits.connectionBacklogBytes
    ) {
      this.#context.observer.observe({ kind: 'limit-hit', limit: 'connectionBacklogBytes' });
      this.#socket.destroy();
      failed();
      return;
    }
    this.#unsent.add(failed);
    this.#socket.write(bytes, (error) => {
      if (error === null || error === undefined) this.#unsent.delete(failed);
    });
  }

  close(): void {
    this.#socket.destroy();
  }

  #sendEarly(): void {
    const early = this.#early ?? [];
    this.#early = undefined;
    for (const { bytes, failed } of early) this.send(bytes, failed);
  }

  #take(chunk: Buffer): void {
    for (const event of this.#framer.push(chunk)) {
      if (event.kind === 'message') this.#context.receiver.onMessage(event.message, this.flow);
      else if (event.kind === 'fault') this.#context.receiver.onFault(event.fault, this.flow);
      else if (event.kind === 'ping') this.send(pong, () => undefined);
      else this.#socket.end();
    }
    this.#unfinished?.cancel();
    this.#unfinished = this.#framer.unfinished
      ? this.#context.clock.after(this.#context.limits.unfinishedMessageMs, () => this.#giveUp())
      : undefined;
  }

  #giveUp(): void {
    this.#context.observer.observe({ kind: 'limit-hit', limit: 'unfinishedMessageMs' });
    this.#socket.destroy();
  }

  #end(): void {
    this.#unfinished?.cancel();
    const failed = [...(this.#early ?? []).map((message) => message.failed), ...this.#unsent];
    this.#early = undefined;
    this.#unsent.clear();
    for (const report of failed) report();
  }
}
