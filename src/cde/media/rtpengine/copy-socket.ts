import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { CodedError } from '../../../shared/coded-error.ts';
import { canonicalAddress } from '../offer-answer/canonical-address.ts';
import type { Address } from './ng-client.ts';

/** Kernel buffer for a second of a few hundred streams, should the process be busy for so long. */
const receiveBytes = 4 * 1024 * 1024;

const nameOf = (address: string, port: number): string => `${canonicalAddress(address)} ${port}`;

/**
 * The one socket by which rtpengine hands customers' streams in: a copy of each stream that may hold keys, told apart by
 * the port of rtpengine's that it comes from. What comes from elsewhere is dropped unread.
 */
export class CopySocket {
  readonly address: Address;
  readonly #socket: Socket;
  readonly #takers = new Map<string, (packet: Buffer) => void>();

  private constructor(address: Address, socket: Socket) {
    this.address = address;
    this.#socket = socket;
    socket.on('error', () => undefined);
    socket.on('message', (packet, from) => {
      this.#takers.get(nameOf(from.address, from.port))?.(packet);
      // The datagram's memory outlives it.
      packet.fill(0);
    });
  }

  /** @throws {CodedError} `media-failed` when the address cannot be bound. */
  static async open(address: Address): Promise<CopySocket> {
    const socket = createSocket({ type: isIPv6(address.host) ? 'udp6' : 'udp4', recvBufferSize: receiveBytes });
    await new Promise<void>((done, fail) => {
      socket.once('error', () => fail(new CodedError('media-failed', 'the address for events cannot be bound')));
      socket.bind({ address: address.host, port: address.port, exclusive: true }, done);
    });
    return new CopySocket({ host: address.host, port: socket.address().port }, socket);
  }

  take(address: string, port: number, taker: (packet: Buffer) => void): void {
    this.#takers.set(nameOf(address, port), taker);
  }

  leave(address: string, port: number): void {
    this.#takers.delete(nameOf(address, port));
  }

  close(): Promise<void> {
    return new Promise((done) => this.#socket.close(done));
  }
}
