import { isIP } from 'node:net';
import type { Clock } from '../../shared/clock.ts';
import type { SipServerLimits } from '../sip-server-limits.ts';
import type { SipServerObserver } from '../sip-server-observer.ts';
import type { Flow, SocketAddress, Target } from './flow.ts';
import { isLoopback, reachableAddress } from './ip-address.ts';
import { type ListenPoint, parseListenPoint, printListenPoint } from './listen-point.ts';
import type { MessageReceiver } from './message-receiver.ts';
import { StreamTransport } from './stream-transport.ts';
import type { TlsSettings } from './tls-settings.ts';
import type { Transport } from './transport.ts';
import { UdpTransport } from './udp-transport.ts';

export interface TransportSetOptions {
  readonly listen: readonly string[];
  readonly advertisedAddress?: string | undefined;
  /** Needed where a listen point is of TLS. */
  readonly tls?: TlsSettings | undefined;
  readonly limits: SipServerLimits;
  readonly observer: SipServerObserver;
  readonly clock: Clock;
}

/** All listen points of one server, and the choice between them. */
export class TransportSet {
  readonly #transports: readonly Transport[];
  readonly #advertised: string | undefined;

  private constructor(transports: readonly Transport[], advertised: string | undefined) {
    this.#transports = transports;
    this.#advertised = advertised;
  }

  /** @throws {Error} naming the listen point that cannot be bound; what was bound before is closed again. */
  static async bind(options: TransportSetOptions, receiver: MessageReceiver): Promise<TransportSet> {
    const transports: Transport[] = [];
    for (const text of options.listen) {
      try {
        const point = parseListenPoint(text);
        transports.push(await bindOne(point, receiver, options));
      } catch (error) {
        await Promise.all(transports.map((transport) => transport.close()));
        if (error instanceof TypeError) throw error;
        throw new Error(`cannot listen on ${text}: ${(error as NodeJS.ErrnoException).code ?? 'failed'}`, {
          cause: error,
        });
      }
    }
    return new TransportSet(transports, options.advertisedAddress);
  }

  get points(): readonly ListenPoint[] {
    return this.#transports.map((transport) => transport.point);
  }

  get connections(): number {
    return this.#transports.reduce((sum, transport) => sum + transport.connections, 0);
  }

  /** Sends over the flow; a message whose flow has no transport any more fails. */
  send(bytes: Buffer, flow: Flow, failed: () => void): void {
    const transport = this.#transportOf(flow);
    if (transport === undefined) queueMicrotask(failed);
    else transport.send(bytes, flow, failed);
  }

  /**
   * The flow to a target: by the listen point of `like` where that fits, else by the first of the protocol and family,
   * a loopback target preferably by a loopback point and any other by one that is not.
   */
  flowTo(target: Target, like?: Flow): Flow | undefined {
    const family = isIP(target.address);
    const fitting = this.#transports.filter(
      ({ protocol, point }) => protocol === target.protocol && isIP(point.address) === family,
    );
    const transport =
      fitting.find(({ point }) => point.address === like?.local.address && point.port === like.local.port) ??
      fitting.find(({ point }) => isLoopback(point.address) === isLoopback(target.address)) ??
      fitting[0];
    if (transport === undefined) return undefined;
    const remote: SocketAddress = { address: target.address, port: target.port };
    const connection = transport.connectionTo(remote);
    const { protocol, serverName } = target;
    return { protocol, local: transport.point, remote, connection, serverName };
  }

  isOpen(flow: Flow): boolean {
    return flow.connection !== undefined && (this.#transportOf(flow)?.isOpen(flow.connection) ?? false);
  }

  /** Whether a target is one of our own listen points. */
  isOwn(target: Target): boolean {
    return this.#transports.some(
      ({ protocol, point }) =>
        protocol === target.protocol &&
        point.port === target.port &&
        (reachableAddress(point.address, target.address) === target.address || this.#advertised === target.address),
    );
  }

  /** The address and port to write into Via and Contact of what goes over this flow. */
  ownAddress(flow: Flow): SocketAddress {
    const address = this.#advertised ?? reachableAddress(flow.local.address, flow.remote.address);
    return { address, port: flow.local.port };
  }

  async close(): Promise<void> {
    await Promise.all(this.#transports.map((transport) => transport.close()));
  }

  #transportOf(flow: Flow): Transport | undefined {
    return this.#transports.find(
      ({ protocol, point }) =>
        protocol === flow.protocol && point.port === flow.local.port && point.address === flow.local.address,
    );
  }
}

async function bindOne(
  point: ListenPoint,
  receiver: MessageReceiver,
  { limits, observer, clock, tls }: TransportSetOptions,
): Promise<Transport> {
  const { protocol } = point;
  if (protocol === 'udp') return UdpTransport.bind(point, receiver, limits, observer);
  if (protocol === 'tls' && tls === undefined) throw new TypeError(`no certificate for ${printListenPoint(point)}`);
  return StreamTransport.bind(
    point,
    { protocol, receiver, limits, observer, clock },
    protocol === 'tls' ? tls : undefined,
  );
}
