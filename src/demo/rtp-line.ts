import { randomInt } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIP } from 'node:net';
import type { Clock, Timer } from '../shared/clock.ts';
import { Ear } from './ear.ts';
import type { KeyPlayer, Slot } from './key-player.ts';
import type { RemoteMedia } from './phone-sdp.ts';
import { readRtp, writeRtp, writeTelephoneEvent } from './rtp-packet.ts';
import { keySound, samplesPerPacket } from './voice.ts';

const intervalMs = 20;
/** After a stall of the process this many packets are made good; the rest of the time is lost. */
const catchUpLimit = 10;

/** The media of one call of one phone: a socket, a steady stream out of it, and an ear. */
export class RtpLine {
  readonly port: number;
  readonly ear = new Ear();
  readonly #socket: Socket;
  readonly #clock: Clock;
  readonly #voice: readonly Uint8Array[];
  readonly #keys: KeyPlayer;
  readonly #ssrc = randomInt(2 ** 32);
  #sequence = randomInt(2 ** 16);
  #timestamp = randomInt(2 ** 32);
  #spoken = 0;
  #remote: RemoteMedia | undefined;
  #ownEventType: number | undefined;
  #resumed = true;
  #due = 0;
  #timer: Timer | undefined;
  #closed = false;

  private constructor(socket: Socket, clock: Clock, voice: readonly Uint8Array[], keys: KeyPlayer) {
    this.#socket = socket;
    this.port = socket.address().port;
    this.#clock = clock;
    this.#voice = voice;
    this.#keys = keys;
    socket.on('message', (packet) => this.#hear(packet));
    // A peer that has closed its port answers by ICMP; to a phone that is nothing.
    socket.on('error', () => undefined);
  }

  /** @throws what the system says if no port can be bound on this address. */
  static async open(address: string, clock: Clock, voice: readonly Uint8Array[], keys: KeyPlayer): Promise<RtpLine> {
    const socket = createSocket(isIP(address) === 6 ? 'udp6' : 'udp4');
    socket.bind(0, address);
    await once(socket, 'listening');
    return new RtpLine(socket, clock, voice, keys);
  }

  /**
   * Where to send from now on, and whether at all; the first call starts the stream. Each side sends events under the
   * number that the other side has listed (RFC 3264 §5.1), so that ours is what we hear them by.
   */
  connect(remote: RemoteMedia, ownEventType: number | undefined): void {
    this.#remote = remote;
    this.#ownEventType = ownEventType;
    if (this.#timer !== undefined || this.#closed) return;
    this.#due = this.#clock.monotonic();
    this.#tick();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#timer?.cancel();
    this.#keys.clear();
    this.#socket.close();
  }

  #tick(): void {
    const now = this.#clock.monotonic();
    if (now - this.#due > catchUpLimit * intervalMs) this.#due = now;
    while (this.#due <= now) {
      this.#send(this.#keys.next());
      this.#due += intervalMs;
    }
    this.#timer = this.#clock.after(Math.max(1, this.#due - now), () => this.#tick());
  }

  /** Time goes on in the timestamp whatever is sent, and also when nothing is (RFC 3550 §5.1). */
  #send(slot: Slot): void {
    const remote = this.#remote;
    const timestamp = this.#timestamp;
    this.#timestamp = (this.#timestamp + samplesPerPacket) >>> 0;
    if (remote === undefined || remote.direction === 'sendonly' || remote.direction === 'inactive') {
      this.#resumed = true;
      return;
    }
    if (slot.kind === 'audio') {
      const payload = this.#voice[this.#spoken++ % this.#voice.length];
      if (payload !== undefined) this.#put(remote, 0, this.#resumed, timestamp, payload);
      this.#resumed = false;
    } else if (slot.kind === 'tone') {
      this.#put(remote, 0, slot.age === 0, timestamp, keySound(slot.code, slot.age));
      this.#resumed = true;
    } else if (remote.eventType !== undefined) {
      // RFC 4733 §2.2.1: the timestamp of every packet is that of the press's beginning, the marker bit is on the first.
      const begun = timestamp - slot.age * samplesPerPacket;
      const payload = writeTelephoneEvent(slot.code, slot.end, slot.intervals * samplesPerPacket);
      this.#put(remote, remote.eventType, slot.first, begun, payload);
      this.#resumed = true;
    }
  }

  #put(to: RemoteMedia, payloadType: number, marker: boolean, timestamp: number, payload: Uint8Array): void {
    const packet = writeRtp({ marker, payloadType, sequence: this.#sequence, timestamp, ssrc: this.#ssrc }, payload);
    this.#sequence = (this.#sequence + 1) & 0xffff;
    this.#socket.send(packet, to.port, to.address, () => undefined);
  }

  #hear(packet: Buffer): void {
    const heard = readRtp(packet);
    if (heard === undefined) return;
    if (heard.payloadType === 0) this.ear.audio(heard.payload, this.#clock.monotonic());
    else if (heard.payloadType === this.#ownEventType) this.ear.event();
  }
}
