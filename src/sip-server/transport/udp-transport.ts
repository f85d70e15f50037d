import { createSocket, type RemoteInfo, type Socket, type SocketOptions } from 'node:dgram';
import { once } from 'node:events';
import { isIP } from 'node:net';
import { parseDatagram } from '../message/message-parser.ts';
import type { SipServerLimits } from '../sip-server-limits.ts';
import type { SipServerObserver } from '../sip-server-observer.ts';
import type { Flow } from './flow.ts';
import { plainAddress } from './ip-address.ts';
import type { ListenPoint } from './listen-point.ts';
import type { MessageReceiver } from './message-receiver.ts';
import { stunAnswer } from './stun-answer.ts';
import type { Transport } from './transport.ts';

// A keepalive of CRLFs or a lone NUL is no message and no fault (RFC 5626 §3.5.1, and what phones really send).
const isKeepalive = (bytes: Buffer): boolean => bytes.length <= 4 && bytes.every((byte) => byte === 0 || byte < 0x0e);

const flowsKept = 256;

export class UdpTransport implements Transport {
  readonly protocol = 'udp';
  readonly connections = 0;
  readonly point: ListenPoint;
  readonly #socket: Socket;
  readonly #receiver: MessageReceiver;
  readonly #limits: SipServerLimits;
  readonly #observer: SipServerObserver;
  /** Where messages came from lately, by port: most come from few places, and dialogs keep where theirs did. */
  readonly #flows = new Map<number, Flow>();
  #closed = false;

  private constructor(
    socket: Socket,
    point: ListenPoint,
    receiver: MessageReceiver,
    limits: SipServerLimits,
    observer: SipServerObserver,
  ) {
    this.#socket = socket;
    this.point = point;
    this.#receiver = receiver;
    this.#limits = limits;
    this.#observer = observer;
    socket.on('message', (bytes, from) => this.#take(bytes, from));
    socket.on('error', () => observer.observe({ kind: 'transport-failure', protocol: 'udp' }));
  }

  /** @throws what the system says if the address cannot be bound. */
  static async bind(
    point: ListenPoint,
    receiver: MessageReceiver,
    limits: SipServerLimits,
    observer: SipServerObserver,
  ): Promise<UdpTransport> {
    const family = isIP(point.address) === 6 ? 6 : 4;
    // Whatever is sent to is an address by now: asking the resolver for each datagram costs a turn of its own.
    const lookup: SocketOptions['lookup'] = (host, _, done) => done(null, host, family);
    const socket = createSocket({ type: `udp${family}`, recvBufferSize: 1_048_576, lookup });
    const listening = once(socket, 'listening');
    socket.bind(point.port, point.address);
    try {
      await listening;
    } catch (error) {
      socket.close();
      throw error;
    }
    const bound = { ...point, port: socket.address().port };
    return new UdpTransport(socket, bound, receiver, limits, observer);
  }

  send(bytes: Buffer, flow: Flow, failed: () => void): void {
    if (this.#closed) return;
    this.#socket.send(bytes, flow.remote.port, flow.remote.address, (error) => {
      if (error === null || error === undefined || this.#closed) return;
      this.#observer.observe({ kind: 'transport-failure', protocol: 'udp' });
      failed();
    });
  }

  connectionTo(): undefined {
    return undefined;
  }

  isOpen(): boolean {
    return false;
  }

  close(): Promise<void> {
    if (this.#closed) return Promise.resolve();
    this.#closed = true;
    return new Promise((resolve) => this.#socket.close(resolve));
  }

  #take(bytes: Buffer, from: RemoteInfo): void {
    if (isKeepalive(bytes)) return;
    const stun = stunAnswer(bytes, from);
    if (stun !== undefined) {
      // RFC 5626 §3.5.2: from known sources only, since whoever answers everybody can be made to shout at a third.
      if (this.#receiver.answersKeepalive(this.#flowFrom(from))) this.#socket.send(stun, from.port, from.address);
      return;
    }
    const flow = this.#flowFrom(from);
    const result = parseDatagram(bytes, this.#limits.message);
    if (result.kind === 'message') this.#receiver.onMessage(result.message, flow);
    else this.#receiver.onFault(result.fault, flow);
  }

  #flowFrom(from: RemoteInfo): Flow {
    const address = plainAddress(from.address);
    const known = this.#flows.get(from.port);
    if (known?.remote.address === address) return known;
    const remote = { address, port: from.port };
    const flow: Flow = { protocol: 'udp', local: this.point, remote, connection: undefined };
    if (this.#flows.size >= flowsKept) this.#flows.clear();
    this.#flows.set(from.port, flow);
    return flow;
  }
}
