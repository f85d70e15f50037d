import { type Suite, type SuiteName, suites } from '../../offer-answer/srtp-suite.ts';
import { packetBytesMax, payloadStart, rtpHeaderBytes, sequenceOf, ssrcOf } from '../../rtp-packet.ts';
import { PacketIndex } from './packet-index.ts';
import { deriveKeys } from './session-keys.ts';
import { controlHeaderBytes, makeTransform, type Transform } from './transform.ts';

/** Streams of one key whose counters are kept; a telephone that changes its SSRC more often has its oldest forgotten. */
const streamsMax = 4;
/** RTCP counts in 31 bits; the bit before them says that the packet is encrypted (RFC 3711 §3.4). */
const encryptedBit = 0x8000_0000;
const indexBytes = 4;
const nothing = Buffer.alloc(0);

/**
 * SRTP and SRTCP by one master key (RFC 3711, RFC 7714), in one direction. A packet is proven before anything of it is
 * believed; one that was there before is refused, and one of ours is never sealed twice.
 */
export class SrtpContext {
  readonly #suite: Suite;
  readonly #rtp: Transform;
  readonly #control: Transform;
  readonly #streams = new Map<number, PacketIndex>();
  readonly #controlStreams = new Map<number, PacketIndex>();
  readonly #rolls = Buffer.alloc(4);
  readonly #mki: Buffer;
  #nextControl = 1;

  /** `master` is key and salt; `mki` the identifier of that key where packets carry one (RFC 3711 §3.1). */
  constructor(name: SuiteName, master: Buffer, mki: Buffer = nothing) {
    this.#suite = suites[name];
    this.#mki = mki;
    this.#rtp = makeTransform(this.#suite, deriveKeys(this.#suite, master, 'rtp'), this.#suite.tagBytes);
    const control = deriveKeys(this.#suite, master, 'rtcp');
    this.#control = makeTransform(this.#suite, control, this.#suite.controlTagBytes);
  }

  /** Seals bytes `start` to `end` into `out`. @returns its length, 0 when this sequence number was used already. */
  protect(packet: Buffer, start: number, end: number, out: Buffer): number {
    const plain = packet.subarray(start, end);
    const body = payloadStart(plain, plain.length);
    const length = plain.length + this.#suite.tagBytes + this.#mki.length;
    if (body < 0 || length > out.length) return 0;
    const stream = streamOf(this.#streams, ssrcOf(plain));
    const index = stream.estimate(sequenceOf(plain));
    if (stream.isReplayed(index)) return 0;
    stream.note(index);
    keep(this.#streams, ssrcOf(plain), stream);
    const { secret, tag } = this.#rtp.seal({
      open: plain.subarray(0, body),
      secret: plain.subarray(body),
      trailer: this.#rollsOf(index),
      ssrc: ssrcOf(plain),
      index,
    });
    plain.copy(out, 0, 0, body);
    secret.copy(out, body);
    tag.copy(out, plain.length + this.#tagAt);
    this.#mki.copy(out, plain.length + this.#mkiAt(tag.length));
    return length;
  }

  /** Proves and decrypts a packet in its place. @returns its length, or −1 when it is to be refused. */
  unprotect(packet: Buffer, length: number): number {
    const { tagBytes } = this.#suite;
    const end = length - tagBytes - this.#mki.length;
    const body = end > rtpHeaderBytes && length <= packetBytesMax ? payloadStart(packet, end) : -1;
    if (body < 0 || !this.#isNamed(packet, end + this.#mkiAt(tagBytes))) return -1;
    const ssrc = ssrcOf(packet);
    const stream = streamOf(this.#streams, ssrc);
    const index = stream.estimate(sequenceOf(packet));
    if (stream.isReplayed(index)) return -1;
    const [open, secret] = [packet.subarray(0, body), packet.subarray(body, end)];
    const plain = this.#rtp.unseal(
      { open, secret, trailer: this.#rollsOf(index), ssrc, index },
      packet.subarray(end + this.#tagAt, end + this.#tagAt + tagBytes),
    );
    if (plain === undefined) return -1;
    stream.note(index);
    keep(this.#streams, ssrc, stream);
    plain.copy(packet, body);
    return end;
  }

  /** Seals a compound RTCP packet. */
  protectControl(packet: Buffer): Buffer {
    const index = this.#nextControl;
    this.#nextControl = (index + 1) % encryptedBit;
    const trailer = Buffer.alloc(indexBytes);
    trailer.writeUInt32BE((encryptedBit | index) >>> 0);
    const open = packet.subarray(0, controlHeaderBytes);
    const sealing = { open, secret: packet.subarray(controlHeaderBytes), trailer, ssrc: packet.readUInt32BE(4), index };
    const { secret, tag } = this.#control.seal(sealing);
    const closing = this.#suite.aead === null ? [trailer, this.#mki, tag] : [tag, trailer, this.#mki];
    return Buffer.concat([open, secret, ...closing]);
  }

  /** Proves and decrypts RTCP in its place. @returns its length, or −1. */
  unprotectControl(packet: Buffer, length: number): number {
    const { aead, controlTagBytes } = this.#suite;
    const mkiBytes = this.#mki.length;
    const end = length - controlTagBytes - indexBytes - mkiBytes;
    if (end < controlHeaderBytes || length > packetBytesMax) return -1;
    const trailerAt = aead === null ? end : end + controlTagBytes;
    const tagAt = aead === null ? end + indexBytes + mkiBytes : end;
    if (!this.#isNamed(packet, trailerAt + indexBytes)) return -1;
    const word = packet.readUInt32BE(trailerAt);
    const index = word % encryptedBit;
    const ssrc = packet.readUInt32BE(4);
    const stream = streamOf(this.#controlStreams, ssrc);
    // RTCP that is proven and not encrypted is allowed by RFC 3711 §3.4, and by no suite that is offered here.
    if (word < encryptedBit || stream.isReplayed(index)) return -1;
    const secret = packet.subarray(controlHeaderBytes, end);
    const trailer = packet.subarray(trailerAt, trailerAt + indexBytes);
    const sealed = { open: packet.subarray(0, controlHeaderBytes), secret, trailer, ssrc, index };
    const plain = this.#control.unseal(sealed, packet.subarray(tagAt, tagAt + controlTagBytes));
    if (plain === undefined) return -1;
    stream.note(index);
    keep(this.#controlStreams, ssrc, stream);
    plain.copy(packet, controlHeaderBytes);
    return end;
  }

  /*
   * What follows the encrypted bytes of RTP: identifier and tag (RFC 3711 §3.1), or, where the tag belongs to the cipher,
   * tag and identifier (RFC 7714 §8.2).
   */
  get #tagAt(): number {
    return this.#suite.aead === null ? this.#mki.length : 0;
  }

  #mkiAt(tagBytes: number): number {
    return this.#suite.aead === null ? 0 : tagBytes;
  }

  #isNamed(packet: Buffer, at: number): boolean {
    return this.#mki.length === 0 || this.#mki.compare(packet, at, at + this.#mki.length) === 0;
  }

  #rollsOf(index: number): Buffer {
    if (this.#suite.aead !== null) return nothing;
    this.#rolls.writeUInt32BE(Math.floor(index / 0x10000));
    return this.#rolls;
  }
}

const streamOf = (streams: Map<number, PacketIndex>, ssrc: number): PacketIndex =>
  streams.get(ssrc) ?? new PacketIndex();

/** Only what was proven is kept: who can forge nothing can push out nothing. */
function keep(streams: Map<number, PacketIndex>, ssrc: number, stream: PacketIndex): void {
  if (streams.has(ssrc)) return;
  const [oldest] = streams.keys();
  if (streams.size >= streamsMax && oldest !== undefined) streams.delete(oldest);
  streams.set(ssrc, stream);
}
