import { ulawTable } from '../../src/cde/dtmf/g711.ts';
import { CallerSound, type SoundOptions } from '../../src/cde/media/embedded/caller-sound.ts';
import { LeakWatch } from '../../src/cde/media/embedded/leak-watch.ts';
import { emptyRelayed } from '../../src/cde/media/embedded/relayed-packet.ts';
import { ToneEar } from '../../src/cde/media/embedded/tone-ear.ts';
import type { LeakKind } from '../../src/cde/media/media-engine.ts';
import { legSettings } from './paper-legs.ts';
import { rtp, ulaw } from './rtp-phone.ts';

export interface MaskedLine {
  /** What the agent hears, sample by sample; what did not come at all is silence. */
  readonly heard: Int16Array;
  /** What the customer sent, as µ-law makes it. */
  readonly sent: Int16Array;
  /** Stretches, counted once each, in which something was taken out. */
  readonly mutes: number;
  readonly mutedPackets: number;
  readonly leaks: readonly LeakKind[];
  readonly keys: number;
}

/** The customer's sound on its way through a secured call, without network and clock: what a bench can do a million times. */
export function throughMaskedLine(
  samples: Int16Array,
  options: Partial<SoundOptions> = {},
  packetSamples = 160,
): MaskedLine {
  let keys = 0;
  const ear = new ToneEar(() => {
    keys += 1;
  });
  const line = new CallerSound(
    { secureAudio: 'masked', betweenCaptures: 'pass', lookBackMs: 0, fill: 'silence', ...options },
    ear,
  );
  const leaks: LeakKind[] = [];
  const watch = new LeakWatch(true, (kind) => leaks.push(kind));
  watch.describe(legSettings({ address: '192.0.2.9', port: 4000 }, 101));
  const heard = new Int16Array(samples.length);
  const sent = new Int16Array(samples.length);
  const relayed = emptyRelayed();
  let mutes = 0;
  let mutedPackets = 0;
  let muted = false;
  line.lock('PCMU', 0);
  for (let at = 0; at + packetSamples <= samples.length; at += packetSamples) {
    const payload = Buffer.from(Array.from(samples.subarray(at, at + packetSamples), ulaw));
    for (let n = 0; n < packetSamples; n += 1) sent[at + n] = ulawTable[payload[n] ?? 0] ?? 0;
    const packet = rtp(0, false, at / packetSamples, at, 1, payload);
    Object.assign(relayed, { packet, start: 12, end: packet.length, timestamp: at, epoch: 1 });
    const fate = line.take(relayed, 'PCMU', false, false, at / 8 + 20);
    const out = fate === 'filled';
    if (out) mutedPackets += 1;
    if (out && !muted) mutes += 1;
    muted = out;
    if (fate === 'dropped' || fate === 'blind') continue;
    watch.listen(packet, 0, packet.length, false);
    for (let n = 0; n < packetSamples; n += 1) heard[at + n] = ulawTable[packet[12 + n] ?? 0] ?? 0;
  }
  return { heard, sent, mutes, mutedPackets, leaks, keys };
}
