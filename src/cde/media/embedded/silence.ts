import type { SilentCodec } from '../offer-answer/silent-codec.ts';

interface Pattern {
  readonly frame: readonly number[];
  /** Milliseconds of sound in one frame. */
  readonly frameMs: number;
}

const patterns: Record<Exclude<SilentCodec, 'L16'>, Pattern> = {
  // ITU-T G.711: positive zero of either law, the even bits of A-law inverted.
  PCMU: { frame: [0xff], frameMs: 0.125 },
  PCMA: { frame: [0xd5], frameMs: 0.125 },
  // ITU-T G.722, 64 kbit/s. It has no code word for zero: this pair decodes to less than ±3 of 32,768, and to −61 dB after
  // loud speech, where the single word of an idle encoder would leave a constant of −44 dB.
  G722: { frame: [0xfa, 0xfd], frameMs: 0.25 },
  // ITU-T G.729: a frame as encoders give it for silence; decodes to at most ±2.
  G729: { frame: [0x78, 0x52, 0x80, 0xa0, 0x00, 0xfa, 0xc2, 0x00, 0x07, 0xd6], frameMs: 10 },
  // RFC 6716 §3.1: one CELT frame, mono, whose silence flag is set; decodes to zeros.
  OPUS: { frame: [0xf8, 0xff, 0xfe], frameMs: 20 },
};

/** No longer packets of silence: two of them in a row lost would already be a gap that is heard. */
const packetMsMax = 40;

/** How long one packet of silence lasts for a leg that was negotiated with `ptimeMs`. */
export function silencePacketMs(codec: SilentCodec, ptimeMs: number): number {
  if (codec === 'OPUS') return 20;
  const whole = Math.max(10, Math.min(packetMsMax, Math.round(ptimeMs / 10) * 10));
  // Packets of more than 40 ms are answered by packets of half the length or a third, at the same pace of sound.
  return ptimeMs > packetMsMax ? 20 : whole;
}

/** @returns the payload of one packet of silence of `packetMs`. */
export function silencePayload(codec: SilentCodec, packetMs: number, clockRate: number, channels: number): Buffer {
  // RFC 3551 §4.5.11: L16 is signed samples, so silence is zeros.
  if (codec === 'L16') return Buffer.alloc((packetMs * clockRate * channels * 2) / 1000);
  const { frame, frameMs } = patterns[codec];
  return Buffer.alloc((packetMs / frameMs) * frame.length, Uint8Array.from(frame));
}
