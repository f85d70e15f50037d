import type { Socket } from 'node:net';
import type { Clock, Timer } from '../../shared/clock.ts';
import type { SipServerLimits } from '../sip-server-limits.ts';
import type { SipServerObserver } from '../sip-server-observer.ts';
import type { Flow, SocketAddress } from './flow.ts';
import type { MessageReceiver } from './message-receiver.ts';
import { StreamFramer } from './stream-framer.ts';

export interface TcpConnectionContext {
  readonly receiver: MessageReceiver;
  readonly limits: SipServerLimits;
  readonly observer: SipServerObserver;
  readonly clock: Clock;
}

const pong = Buffer.from('\r\n', 'latin1');

/** One TCP connection that carries SIP, whoever opened it. It closes itself on a broken stream, silence or a slow reader. */
export class TcpConnection {
  readonly flow: Flow;
  readonly #socket: Socket;
  readonly #context: TcpConnectionContext;
  readonly #framer: StreamFramer;
  /** Messages that the network has not taken yet: they fail together if the connection does. */
  readonly #unsent = new Set<() => void>();
  #unfinished: Timer | undefined;

  constructor(
    socket: Socket,
    number: number,
    ends: { readonly local: SocketAddress; readonly remote: SocketAddress },
    context: TcpConnectionContext,
  ) {
    this.flow = { protocol: 'tcp', ...ends, connection: number };
    this.#socket = socket;
    this.#context = context;
    this.#framer = new StreamFramer(context.limits.message);
    socket.setNoDelay(true);
    socket.setTimeout(context.limits.idleConnectionMs, () => socket.destroy());
    socket.on('data', (chunk: Buffer) => this.#take(chunk));
    socket.on('error', () => context.observer.observe({ kind: 'transport-failure', protocol: 'tcp' }));
    socket.on('close', () => this.#end());
  }

  send(bytes: Buffer, failed: () => void): void {
    if (this.#socket.destroyed) {
      failed();
      return;
    }
    if (this.#socket.writableLength + bytes.length > this.#context.limits.connectionBacklogBytes) {
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
    const failed = [...this.#unsent];
    this.#unsent.clear();
    for (const report of failed) report();
  }
}
