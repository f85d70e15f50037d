import { createSocket, type Socket } from 'node:dgram';
import { isIPv6 } from 'node:net';
import { CodedError } from '../../../shared/coded-error.ts';
import { wipeEvent } from '../../dtmf/telephone-event.ts';
import type { Alarm, Receiver, RtpIo, RtpSocket } from './rtp-io.ts';
import type { Remote } from './source-guard.ts';
import { TimerAlarm } from './timer-alarm.ts';

/** Addresses are literals always: no name is ever looked up, and the answer comes at once. */
const literal = (
  host: string,
  _options: unknown,
  found: (error: null, address: string, family: number) => void,
): void => found(null, host, isIPv6(host) ? 6 : 4);

/** Datagrams by Node's own sockets, connected to their peer where it is fixed: the kernel then filters by it. */
export const dgramIo: RtpIo = {
  async open(address, port, receiver) {
    const socket = createSocket({ type: isIPv6(address) ? 'udp6' : 'udp4', lookup: literal as never });
    try {
      await new Promise<void>((bound, failed) => {
        socket.once('error', failed);
        socket.bind({ address, port, exclusive: true }, bound);
      });
    } catch {
      socket.close();
      throw new CodedError('media-failed', 'a media port cannot be bound');
    }
    socket.removeAllListeners('error');
    return new DgramSocket(socket, receiver);
  },
  alarm: (ring): Alarm => new TimerAlarm(ring),
  /** All that happens here happens in a turn of Node's. */
  yield: () => undefined,
};

class DgramSocket implements RtpSocket {
  readonly #socket: Socket;
  #remote: Remote | undefined;
  #connected = false;
  #closed = false;

  constructor(socket: Socket, receiver: Receiver) {
    this.#socket = socket;
    // ICMP errors of a peer that is not there yet, or no longer.
    socket.on('error', () => undefined);
    socket.on('message', (packet, from) => {
      if (this.#remote !== undefined)
        receiver.arrived(packet, packet.length, performance.now(), from.address, from.port);
    });
  }

  aim(remote: Remote, filter: boolean): void {
    if (this.#closed) return;
    this.#remote = remote;
    try {
      if (this.#connected) this.#socket.disconnect();
      this.#connected = false;
      if (!filter) return;
      this.#socket.connect(remote.port, remote.address);
      // With a look-up that answers at once, the socket is connected when `connect` returns.
      this.#socket.remoteAddress();
      this.#connected = true;
    } catch {
      // An address that cannot be reached: packets go nowhere, which the media time-out will tell.
      this.#connected = false;
    }
  }

  send(packet: Buffer, start: number, end: number, wipeAt: number): void {
    if (this.#closed || this.#remote === undefined) return;
    const done = wipeAt < 0 ? undefined : () => wipeEvent(packet, wipeAt);
    try {
      if (this.#connected) this.#socket.send(packet, start, end - start, done);
      else this.#socket.send(packet, start, end - start, this.#remote.port, this.#remote.address, done);
    } catch {
      done?.();
    }
  }

  /** Node hands every datagram to the taker, so there is no shorter way. */
  shorten(): void {}

  /** Not known: the kernel filters by the connection, and Node does not ask it how much. */
  droppedByFilter(): number {
    return 0;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#socket.close();
  }
}
