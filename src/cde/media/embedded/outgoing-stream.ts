import { randomInt } from 'node:crypto';
import type { SilentCodec } from '../offer-answer/silent-codec.ts';
import { rtpHeaderBytes, sequenceDistance, timestampDistance, writeHeader } from '../rtp-packet.ts';
import { type ComfortFill, type FillLoop, fillLoop } from './comfort-fill.ts';
import type { Flow } from './flow.ts';
import type { RelayedPacket } from './relayed-packet.ts';
import { silencePacketMs, silencePayload } from './silence.ts';

export interface SendingCodec {
  readonly payloadType: number;
  readonly clockRate: number;
  readonly channels: number;
  /** Null for what accompanies a codec and is no sound by itself (comfort noise). */
  readonly silence: SilentCodec | null;
}

/** Hands bytes `start` to `end` to the network, and overwrites the byte at `wipeAt` (unless -1) when it has them. */
export interface PacketSink {
  send(packet: Buffer, start: number, end: number, wipeAt: number): void;
}

/** Hears what is sent: bytes `at` to `end` are the datagram, `own` when they are silence of our making. */
export interface SendMonitor {
  listen(packet: Buffer, at: number, end: number, own: boolean): void;
}

/** Stands where no silence was made ready yet. */
const noPacket = Buffer.alloc(0);
/** The longest that the leg may have to wait for a packet: silence steps in before 40 ms are over. */
const gapMsMax = 36;
/** How far timestamps may run ahead of time after a return to relaying is made up for by at most so much at once. */
const catchUpMsMax = 15;
/** After a release silence goes on until the other leg's first packet, but no longer than this. */
const bridgeMsMax = 1000;
/** An audio timestamp so far from real time is a new beginning of the sender's clock. */
const clockJumpMs = 2000;

/**
 * The RTP stream that one leg gets from us: one SSRC, sequence numbers and timestamps of its own for as long as the call
 * lasts (RFC 3550 §5.1), whether its packets are relayed or are silence of our making. A relayed packet keeps its distance
 * from the one before, so loss and order on the way in stay what they are; at each change of source the numbers go on.
 */
export class OutgoingStream {
  silenceSent = 0;
  monitor: SendMonitor | undefined;
  /** Where the last packet left the stream, and how the source's numbers become ours (meaningless in another epoch). */
  readonly #flow: Flow;
  #frameTicks = 160;
  #clockRate = 8000;
  #payloadType = -1;
  #epoch = -1;
  #floor = 0;
  #codecs: readonly SendingCodec[] = [];
  #ptimeMs = 20;
  #canSend = false;
  #silence: 'off' | 'on' | 'bridge' = 'off';
  #dueAt = Number.POSITIVE_INFINITY;
  #bridgeUntil = 0;
  #deferred = false;
  #aheadMs = 0;
  #silent: SendingCodec | undefined;
  #silencePacketMs = 20;
  #silencePacket = noPacket;
  /** Comfort sound instead of silence, and how much of it was sent. */
  #loop: FillLoop | undefined;
  #loopSample = 0;
  readonly #fill: ComfortFill;
  #sink: PacketSink | undefined;

  /** `fill` is what our silence sounds like, in G.711; in other codecs it is silence. */
  constructor(flow: Flow, fill: ComfortFill = 'silence') {
    this.#fill = fill;
    this.#flow = flow;
    this.renew();
    flow.sequenceOut = randomInt(0x8000);
    flow.timestampOut = randomInt(0x1_0000_0000 - 1) | 0;
  }

  get ssrc(): number {
    return this.#flow.ssrcOut;
  }

  /** Goes on under another SSRC. 31 bits, for such a number lies in the object itself. */
  renew(): void {
    this.#flow.ssrcOut = randomInt(1, 0x7fff_ffff);
  }

  get packets(): number {
    return this.#flow.packets;
  }

  /** Where the packets go. Before this they go nowhere. */
  connect(sink: PacketSink): void {
    this.#sink = sink;
  }

  /** What the leg takes from here on; `canSend` is false while it is on hold or has no address. */
  configure(codecs: readonly SendingCodec[], ptimeMs: number, canSend: boolean): void {
    this.#codecs = codecs;
    this.#ptimeMs = ptimeMs;
    this.#canSend = canSend;
    this.#silent = undefined;
    this.#epoch = -1;
  }

  get octets(): number {
    return this.#flow.octets >>> 0;
  }

  /** Whether packets of the source are passed on now. */
  get relaying(): boolean {
    return this.#silence === 'off' && this.#canSend;
  }

  /** RTP time of the stream at `now`, for sender reports (RFC 3550 §6.4.1). */
  timestampAt(now: number): number {
    const since = this.packets === 0 ? 0 : now - this.#flow.sentAt;
    return (this.#flow.timestampOut + Math.round((since * this.#clockRate) / 1000)) >>> 0;
  }

  /** Silence of our own from here on, at our own pace, its first packet before the leg has waited 40 ms. */
  silence(now: number): void {
    if (this.#silence === 'on') return;
    if (this.#silence === 'off') {
      const makeUp = Math.min(this.#aheadMs, catchUpMsMax);
      this.#prepareSilence();
      const wanted = this.#flow.sentAt + this.#silencePacketMs + makeUp;
      this.#dueAt = Math.max(now, Math.min(wanted, this.#flow.sentAt + gapMsMax));
      if (this.#dueAt === wanted) this.#aheadMs -= makeUp;
    }
    this.#silence = 'on';
    this.#deferred = false;
    this.#epoch = -1;
  }

  /** Relaying again: silence goes on until the first packet comes that can be relayed. */
  resume(now: number): void {
    if (this.#silence !== 'on') return;
    this.#silence = 'bridge';
    this.#bridgeUntil = now + bridgeMsMax;
  }

  /** Sends what silence is due. @returns when the next is, or infinity. */
  tick(now: number): number {
    if (this.#silence === 'bridge' && now >= this.#bridgeUntil) this.#silence = 'off';
    if (this.#silence === 'off') return Number.POSITIVE_INFINITY;
    while (this.#dueAt <= now) this.#sendSilence(now);
    return this.#dueAt;
  }

  /**
   * Sends one packet of the other leg as one of this stream. Silence must not be wanted any more.
   * @returns false when the packet has no place in the stream (too late, leg on hold) and was not sent.
   */
  relay(relayed: RelayedPacket, now: number, wipeAt: number): boolean {
    if (!this.#canSend) {
      this.#epoch = -1;
      return false;
    }
    if (this.#silence !== 'off' && !this.#endSilence(relayed, now)) return false;
    if (relayed.epoch !== this.#epoch || relayed.clockRate !== this.#clockRate || this.#clockJumped(relayed, now)) {
      this.#anchor(relayed, now);
    }
    if (sequenceDistance(this.#floor, relayed.sequence) <= 0) return false;
    const sequence = (relayed.sequence + this.#flow.sequenceOffset) & 0xffff;
    const timestamp = (relayed.timestamp + this.#flow.timestampOffset) | 0;
    const at = relayed.start - rtpHeaderBytes;
    writeHeader(relayed.packet, at, relayed.payloadType, relayed.marker, sequence, timestamp, this.ssrc);
    this.#count(relayed.end - relayed.start);
    if (sequenceDistance(this.#flow.newest, relayed.sequence) > 0) this.#noteSent(relayed, sequence, timestamp, now);
    this.monitor?.listen(relayed.packet, at, relayed.end, false);
    this.#sink?.send(relayed.packet, at, relayed.end, wipeAt);
    return true;
  }

  /** A packet of the source that is not relayed: the next one takes its number, so that the leg sees no loss. */
  skip(sequence: number, epoch: number): void {
    if (epoch !== this.#epoch || sequenceDistance(this.#flow.newest, sequence) <= 0) return;
    this.#flow.sequenceOffset -= 1;
    this.#floor = sequence;
    this.#flow.newest = sequence;
  }

  #noteSent(relayed: RelayedPacket, sequence: number, timestamp: number, now: number): void {
    this.#flow.newest = relayed.sequence;
    this.#flow.sequenceOut = sequence;
    this.#flow.sentAt = now;
    if (relayed.eventTicks < 0) {
      this.#flow.timestampOut = timestamp;
      this.#flow.timestampIn = relayed.timestamp | 0;
      this.#payloadType = relayed.payloadType;
    } else {
      // An event packet tells of sound up to timestamp + duration (RFC 4733 §2.5.1.2).
      this.#flow.timestampOut = (timestamp + Math.max(0, relayed.eventTicks - this.#frameTicks)) | 0;
    }
  }

  /** Lets the numbers of the source go on where the stream is. */
  #anchor(relayed: RelayedPacket, now: number): void {
    if (relayed.clockRate !== this.#clockRate) {
      this.#frameTicks = Math.round((this.#frameTicks * relayed.clockRate) / this.#clockRate);
      this.#clockRate = relayed.clockRate;
    }
    let ticks = 0;
    if (this.packets > 0) {
      const elapsed = Math.round(((now - this.#flow.sentAt) * this.#clockRate) / 1000);
      ticks = Math.max(this.#frameTicks, elapsed);
      const ahead = ((ticks - elapsed) * 1000) / this.#clockRate;
      this.#aheadMs = Math.min(gapMsMax, this.#aheadMs + ahead);
    }
    this.#epoch = relayed.epoch;
    this.#flow.timestampOffset = (this.#flow.timestampOut + ticks - relayed.timestamp) | 0;
    this.#flow.sequenceOffset = this.#flow.sequenceOut + 1 - relayed.sequence;
    this.#floor = (relayed.sequence - 1) & 0xffff;
    this.#flow.newest = this.#floor;
  }

  #clockJumped(relayed: RelayedPacket, now: number): boolean {
    if (relayed.eventTicks >= 0) return false;
    const told = timestampDistance(this.#flow.timestampOut, (relayed.timestamp + this.#flow.timestampOffset) | 0);
    return Math.abs((told * 1000) / this.#clockRate - (now - this.#flow.sentAt)) > clockJumpMs;
  }

  /** @returns false when the packet is left out, because silence covers most of its time already. */
  #endSilence(relayed: RelayedPacket, now: number): boolean {
    if (this.#silence === 'on') return false;
    const early = now - this.#flow.sentAt < this.#silencePacketMs / 2;
    if (early && !this.#deferred && relayed.eventTicks < 0) {
      this.#deferred = true;
      this.#dueAt = this.#flow.sentAt + gapMsMax;
      return false;
    }
    this.#silence = 'off';
    return true;
  }

  /** Chooses the codec that the leg heard last, or else the first that it agreed to. */
  #prepareSilence(): void {
    const heard = this.#codecs.find(
      ({ payloadType, silence }) => silence !== null && payloadType === this.#payloadType,
    );
    const codec = heard ?? this.#codecs.find(({ silence }) => silence !== null);
    if (codec === undefined || codec.silence === null) return;
    // A customer who keys has it made once, not for each key.
    if (codec !== this.#silent) this.#makeSilence(codec, codec.silence);
    if (codec.clockRate !== this.#clockRate) this.#clockRate = codec.clockRate;
    this.#frameTicks = (this.#silencePacketMs * codec.clockRate) / 1000;
  }

  #makeSilence(codec: SendingCodec, kind: SilentCodec): void {
    this.#silent = codec;
    this.#silencePacketMs = silencePacketMs(kind, this.#ptimeMs);
    const payload = silencePayload(kind, this.#silencePacketMs, codec.clockRate, codec.channels);
    this.#silencePacket = Buffer.concat([Buffer.alloc(rtpHeaderBytes), payload]);
    const law = kind === 'PCMU' || kind === 'PCMA' ? kind : undefined;
    this.#loop = this.#fill === 'silence' || law === undefined ? undefined : fillLoop(law, this.#fill);
  }

  #sendSilence(now: number): void {
    if (this.#silent === undefined) this.#prepareSilence();
    const due = this.#dueAt;
    this.#dueAt = due + this.#silencePacketMs;
    const codec = this.#silent;
    // A leg on hold, or a process that was held up: the time goes by in the timestamps, and nothing is sent for it.
    if (!this.#canSend || codec === undefined || now - due > 3 * this.#silencePacketMs) return;
    const elapsed = ((due - this.#flow.sentAt) * this.#clockRate) / 1000;
    const steps = this.packets === 0 ? 0 : Math.max(1, Math.floor(elapsed / this.#frameTicks + 0.5));
    // Up to one packet late counts as on time: the stream goes on without a hole in its timestamps.
    const ticks = elapsed < 2 * this.#frameTicks && steps > 0 ? this.#frameTicks : steps * this.#frameTicks;
    this.#flow.timestampOut = (this.#flow.timestampOut + ticks) | 0;
    this.#flow.sequenceOut = (this.#flow.sequenceOut + 1) & 0xffff;
    this.#flow.sentAt = due;
    this.#payloadType = codec.payloadType;
    writeHeader(
      this.#silencePacket,
      0,
      codec.payloadType,
      false,
      this.#flow.sequenceOut,
      this.#flow.timestampOut,
      this.ssrc,
    );
    const octets = this.#silencePacket.length - rtpHeaderBytes;
    this.#loop?.write(this.#silencePacket, rtpHeaderBytes, octets, this.#loopSample);
    this.#loopSample += octets;
    this.#count(octets);
    this.silenceSent += 1;
    this.monitor?.listen(this.#silencePacket, 0, this.#silencePacket.length, true);
    this.#sink?.send(this.#silencePacket, 0, this.#silencePacket.length, -1);
  }

  #count(octets: number): void {
    this.#flow.packets += 1;
    this.#flow.octets = (this.#flow.octets + octets) | 0;
  }
}
