import type { Flow } from './flow.ts';
import type { Remote } from './source-guard.ts';

/** Who takes the datagrams of a socket. An object and no function, for a closure is one more place in memory a packet. */
export interface Receiver {
  /**
   * One datagram: the first `length` bytes of `packet`, and when it came. The bytes are the taker's, to change and to send
   * on, until it returns.
   */
  arrived(packet: Buffer, length: number, now: number, address: string, port: number): void;
}

/** One UDP socket of a leg. Errors of the network (ICMP, full buffers) are loss and nothing else: no method throws. */
export interface RtpSocket {
  /**
   * Where `send` goes. Nothing is delivered that came before the first time. With `filter` the network may drop whatever
   * comes from elsewhere; datagrams from elsewhere may still be delivered, so the taker checks them.
   */
  aim(remote: Remote, filter: boolean): void;
  /** Sends bytes `start` to `end`; overwrites the byte at `wipeAt` (unless -1) when they are no longer needed. */
  send(packet: Buffer, start: number, end: number, wipeAt: number): void;
  /**
   * Audio that the flow lets pass may go straight out by the other leg's socket, unseen by the taker; everything else goes
   * to him, and so does that where this is not known.
   */
  shorten(flow: Flow, out: RtpSocket): void;
  /** Datagrams from elsewhere that the network has dropped, as far as it counts them. */
  droppedByFilter(): number;
  close(): void;
}

/** Calls what it was made with at the time set last, in milliseconds of `performance.now()`; infinity for never. */
export interface Alarm {
  set(at: number): void;
}

/** The port to the network, so that another way of moving datagrams can stand beside node:dgram. */
export interface RtpIo {
  /** @throws {CodedError} `media-failed` when the port cannot be bound. */
  open(address: string, port: number, receiver: Receiver): Promise<RtpSocket>;
  alarm(ring: () => void): Alarm;
  /** Within an alarm or a packet a promise was kept: Node, whose it is, shall have its turn at once. */
  yield(): void;
}
