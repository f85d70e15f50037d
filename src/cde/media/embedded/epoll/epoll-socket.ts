import { assert } from '../../../../shared/assert.ts';
import { wipeBytes } from '../bytes.ts';
import type { Flow } from '../flow.ts';
import { bufferBytes } from '../ring/packet-buffers.ts';
import type { PacketRing, RingReader } from '../ring/packet-ring.ts';
import type { Receiver, RtpSocket } from '../rtp-io.ts';
import type { Remote } from '../source-guard.ts';
import { type AddressBook, type AddressSlot, fromAt, peerAt } from './address-book.ts';
import type { Libc } from './libc.ts';
import type { PacketLoop, Reader } from './packet-loop.ts';
import {
  addressLength,
  readAddress,
  readPort,
  socketAddressBytes,
  writeNoAddress,
  writeSocketAddress,
} from './socket-address.ts';
import { StrangerCounter } from './stranger-counter.ts';
import { datagramBytes, type Wire } from './wire.ts';

/** Datagrams that may wait in a socket when it is connected; they came from anywhere, and are thrown away. */
const drainMax = 1024;

/** A socket of a leg, connected to its peer where that is fixed: the kernel then knows the way, and filters. */
export class EpollSocket implements RtpSocket, Reader, RingReader {
  /** First what every packet needs, for that lies together in memory. */
  #connected = false;
  /** The descriptor while packets have somewhere to go, else −1. */
  #sendFd = -1;
  /** The round of the ring for which a packet of this socket was queued last, and the socket's name there. */
  #queuedFor = -1;
  #name = -1;
  readonly #fd: number;
  readonly #libc: Libc;
  readonly #wire: Wire;
  #flow: Flow | undefined;
  #out: EpollSocket | undefined;
  readonly #receiver: Receiver;
  readonly #book: AddressBook;
  readonly #addresses: AddressSlot;
  /** How many bytes of an address count. */
  readonly #length: number;
  readonly #mayConnect: boolean;
  readonly #loop: PacketLoop;
  readonly #ring: PacketRing | undefined;
  #strangers: StrangerCounter | undefined;
  /** Whether the epoll set has it: not before it has a peer, for nobody would want what comes until then, nor while the ring has it. */
  #watched = false;
  #fromAddress = '';
  #fromPort = 0;
  #remoteAddress = '';
  #remotePort = 0;
  #closed = false;

  /**
   * `addresses` is a slot of `book` with the address it is bound to, as the kernel writes it; closing gives it back. With
   * `mayConnect` false (it is bound to every address of the machine, of which connecting would choose one) it is never connected.
   */
  constructor(
    fd: number,
    { book, addresses }: { readonly book: AddressBook; readonly addresses: AddressSlot },
    mayConnect: boolean,
    loop: PacketLoop,
    wire: Wire,
    receiver: Receiver,
  ) {
    this.#fd = fd;
    this.#book = book;
    this.#addresses = addresses;
    this.#length = addressLength(addresses.bytes, addresses.at);
    this.#mayConnect = mayConnect;
    this.#loop = loop;
    this.#ring = loop.ring;
    this.#wire = wire;
    this.#libc = wire.libc;
    this.#receiver = receiver;
  }

  aim(remote: Remote, filter: boolean): void {
    if (this.#closed) return;
    this.#remoteAddress = remote.address;
    this.#remotePort = remote.port;
    this.#sendFd = this.#fd;
    const { bytes, at } = this.#addresses;
    if (writeSocketAddress(bytes, at + peerAt, remote.address, remote.port) !== this.#length) this.#sendFd = -1;
    else if (filter && this.#mayConnect) this.#connect();
    else if (this.#connected) this.#disconnect();
    if (this.#watched || this.#name >= 0) return;
    if (!this.#connected) this.#drain();
    this.#watch(true);
  }

  send(packet: Buffer, start: number, end: number, wipeAt: number): void {
    const fd = this.#sendFd;
    if (fd < 0) return;
    const ring = this.#ring;
    // Sound goes with what else is ready, and what was looked at as it lies; a key's event is overwritten sooner than that.
    if (wipeAt < 0 && ring !== undefined && this.#name >= 0 && end - start <= bufferBytes) {
      this.#queuedFor = ring.round;
      if (start === 0 && ring.hasInHand(packet)) ring.queueInHand(this.#name, end);
      else ring.queueCopy(this.#name, packet, start, end);
      return;
    }
    // What is queued came before.
    if (ring !== undefined && this.#queuedFor === ring.round) ring.flush();
    const at = this.#wire.place(packet, start, end);
    if (this.#connected) this.#libc.send(fd, at, end - start, 0);
    else this.#libc.sendto(fd, at, end - start, 0, this.#placePeer(), this.#length);
    if (wipeAt >= 0) this.#wire.wipe(packet, wipeAt);
  }

  shorten(flow: Flow, out: RtpSocket): void {
    assert(out instanceof EpollSocket);
    this.#flow = flow;
    this.#out = out;
  }

  droppedByFilter(): number {
    return this.#strangers?.count() ?? 0;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#connected = false;
    this.#sendFd = -1;
    this.#strangers?.close();
    this.#leaveRing();
    this.#loop.remove(this.#fd);
    this.#libc.close(this.#fd);
    this.#book.give(this.#addresses);
  }

  read(now: number): void {
    if (this.#connected) {
      const length = this.#libc.recv(this.#fd, this.#wire.incomingAddress, datagramBytes, 0);
      if (length <= 0) return;
      if (!this.#passOn(length, now))
        this.#receiver.arrived(this.#wire.incoming, length, now, this.#remoteAddress, this.#remotePort);
      return;
    }
    const length = this.#wire.receiveFrom(this.#fd);
    if (length <= 0) return;
    const { bytes, at } = this.#addresses;
    if (!this.#wire.sameAddress(bytes, at + fromAt, this.#length)) {
      this.#wire.address.copy(bytes, at + fromAt);
      this.#fromAddress = readAddress(bytes, at + fromAt);
      this.#fromPort = readPort(bytes, at + fromAt);
    }
    this.#receiver.arrived(this.#wire.incoming, length, now, this.#fromAddress, this.#fromPort);
  }

  taken(packet: Buffer, buffer: number, length: number, now: number): boolean {
    const flow = this.#flow;
    const out = this.#out;
    if (flow?.armed === true && out !== undefined && out.#connected && flow.pass(packet, length, now)) {
      out.#queue(buffer, length);
      return true;
    }
    this.#receiver.arrived(packet, length, now, this.#remoteAddress, this.#remotePort);
    if ((this.#ring as PacketRing).inHandLeaves) return true;
    // What was looked at may have held a key.
    wipeBytes(packet, 0, length);
    return false;
  }

  #queue(buffer: number, length: number): void {
    const ring = this.#ring as PacketRing;
    this.#queuedFor = ring.round;
    ring.queue(this.#name, buffer, length, 0);
  }

  #watch(watched: boolean): void {
    if (this.#watched !== watched) this.#loop.watch(this.#fd, watched);
    this.#watched = watched;
  }

  #joinRing(): void {
    if (this.#ring === undefined) return;
    this.#watch(false);
    this.#name = this.#ring.watch(this.#fd, this);
  }

  /** What is queued is sent by it: the descriptor may be another socket's soon. */
  #leaveRing(): void {
    if (this.#ring === undefined || this.#name < 0) return;
    this.#ring.forget(this.#name);
    this.#name = -1;
    if (!this.#closed) this.#watch(true);
  }

  /** @returns whether the packet took the short way. */
  #passOn(length: number, now: number): boolean {
    const flow = this.#flow;
    const out = this.#out;
    if (flow === undefined || out === undefined || !flow.armed || !out.#connected) return false;
    if (!flow.pass(this.#wire.incoming, length, now)) return false;
    this.#libc.send(out.#sendFd, this.#wire.incomingAddress, length, 0);
    return true;
  }

  #placePeer(): number {
    return this.#wire.placeAddress(this.#addresses.bytes, this.#addresses.at + peerAt);
  }

  #connect(): void {
    this.#leaveRing();
    this.#connected = this.#libc.connect(this.#fd, this.#placePeer(), this.#length) === 0;
    if (!this.#connected) {
      // An address that cannot be reached: packets go nowhere, which the media time-out will tell.
      this.#sendFd = -1;
      return;
    }
    this.#drain();
    this.#strangers ??= new StrangerCounter(this.#wire, this.#fd, this.#addresses);
    this.#strangers.open();
    this.#joinRing();
  }

  /** What has come before came from anywhere. */
  #drain(): void {
    for (let i = 0; i < drainMax; i += 1) {
      if (this.#libc.recv(this.#fd, this.#wire.incomingAddress, datagramBytes, 0) < 0) break;
    }
  }

  #disconnect(): void {
    // Of two sockets on one port that are both not connected, either might get the packets.
    this.#strangers?.close();
    this.#leaveRing();
    const none = Buffer.alloc(socketAddressBytes);
    this.#libc.connect(this.#fd, this.#wire.placeAddress(none, 0), writeNoAddress(none, 0));
    this.#connected = false;
  }
}
