import { sequenceDistance } from '../rtp-packet.ts';
import type { Flow } from './flow.ts';

/** A new SSRC is believed once the old one has been silent for so long: four packets of 20 ms. */
export const ssrcSilenceMs = 80;
/** RFC 3550 Appendix A.1: sequence numbers that may be missing, and by how much a packet may come late. */
const maxDropout = 3000;
const maxMisorder = 100;

const none = -1;

/**
 * The RTP stream that one leg sends us: which SSRC it is locked to, and what RFC 3550 counts of it (Appendix A.1, A.3,
 * A.8). A packet with another SSRC or a sequence number out of all proportion is refused, so that whoever can forge the
 * source address must also know the stream.
 */
export class IncomingStream {
  /** Counts up when the stream begins anew: outgoing numbers must then be mapped anew. */
  epoch = 0;
  readonly #flow: Flow;
  #known = false;
  #unlocked = false;
  #base = 0;
  #receivedBefore = 0;
  #lostBefore = 0;
  #expectedAfterJump = none;
  #measured = false;
  #reportedExpected = 0;
  #reportedReceived = 0;

  constructor(flow: Flow) {
    this.#flow = flow;
  }

  get received(): number {
    return this.#flow.received;
  }

  get lastAt(): number {
    return this.#flow.lastAt;
  }

  get ssrc(): number | undefined {
    return this.#known ? this.#flow.ssrcIn >>> 0 : undefined;
  }

  get highestSequence(): number {
    return (this.#flow.cycles + this.#flow.highest) >>> 0;
  }

  get lost(): number {
    return this.#lostBefore + this.#lostNow();
  }

  /** RFC 3550 §6.4.1. */
  get jitterTicks(): number {
    return this.#flow.jitter >> 4;
  }

  get jitterMs(): number {
    return (this.#flow.jitter * 1000) / (16 * this.#flow.clockRate);
  }

  /** The next packet may have any SSRC: the peer's description has changed. */
  unlock(): void {
    this.#unlocked = true;
  }

  /** @returns whether the packet belongs to the stream; if so it is counted. */
  accept(ssrc: number, sequence: number, now: number): boolean {
    const flow = this.#flow;
    if (!this.#known || (ssrc | 0) !== flow.ssrcIn) {
      const free = !this.#known || this.#unlocked || now - flow.lastAt >= ssrcSilenceMs;
      if (!free) return false;
      this.#begin(ssrc, sequence);
    } else {
      const ahead = sequenceDistance(flow.highest, sequence);
      if (ahead > maxDropout || ahead < -maxMisorder) {
        // Two packets in a row make a new beginning; a single one is a stray (RFC 3550 A.1).
        if (sequence !== this.#expectedAfterJump) {
          this.#expectedAfterJump = (sequence + 1) & 0xffff;
          return false;
        }
        this.#begin(ssrc, sequence);
      } else if (ahead > 0) {
        if (sequence < flow.highest) flow.cycles += 0x10000;
        flow.highest = sequence;
      }
    }
    this.#unlocked = false;
    flow.received += 1;
    flow.lastAt = now;
    return true;
  }

  /** Takes an audio packet into the jitter (RFC 3550 A.8). Event packets keep one timestamp and have no place in it. */
  measure(timestamp: number, clockRate: number, now: number): void {
    const flow = this.#flow;
    if (this.#measured && clockRate === flow.clockRate) {
      flow.measure(timestamp, now);
      return;
    }
    this.#measured = true;
    flow.clockRate = clockRate;
    flow.transit = ((now * clockRate) / 1000 - timestamp) | 0;
  }

  /** Share lost since the last call, in 1/256 (RFC 3550 A.3). */
  takeFractionLost(): number {
    const expected = this.#expected();
    const expectedNow = expected - this.#reportedExpected;
    const lostNow = expectedNow - (this.#inStream() - this.#reportedReceived);
    this.#reportedExpected = expected;
    this.#reportedReceived = this.#inStream();
    return expectedNow <= 0 || lostNow <= 0 ? 0 : Math.min(255, Math.floor((lostNow * 256) / expectedNow));
  }

  #begin(ssrc: number, sequence: number): void {
    this.#lostBefore += this.#lostNow();
    this.#known = true;
    this.#base = sequence;
    this.#receivedBefore = this.#flow.received;
    this.#flow.ssrcIn = ssrc | 0;
    this.#flow.highest = sequence;
    this.#flow.cycles = 0;
    this.#expectedAfterJump = none;
    this.#measured = false;
    this.#reportedExpected = 0;
    this.#reportedReceived = 0;
    this.epoch += 1;
  }

  #inStream(): number {
    return this.#flow.received - this.#receivedBefore;
  }

  #expected(): number {
    return !this.#known ? 0 : this.#flow.cycles + this.#flow.highest - this.#base + 1;
  }

  #lostNow(): number {
    return Math.max(0, this.#expected() - this.#inStream());
  }
}
