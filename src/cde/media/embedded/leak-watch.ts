import { alawTable, ulawTable } from '../../dtmf/g711.ts';
import { ToneDetector } from '../../dtmf/tone-detector.ts';
import { peakOfDbm0 } from '../../dtmf/tone-plan.ts';
import { keySense, type ToneSense } from '../../dtmf/tone-sense.ts';
import type { LeakKind } from '../media-engine.ts';
import type { LegSettings } from '../offer-answer/leg-settings.ts';
import { payloadTypeOf, rtpHeaderBytes } from '../rtp-packet.ts';

export const leakKinds = ['tone', 'event', 'sound'] as const satisfies readonly LeakKind[];

/**
 * More sensitive than the ear that captures: 20 ms of a tone, which is what the keenest decoders want, twice as far off its
 * frequency, with more twist, fainter.
 */
const leakSense: ToneSense = {
  keySamples: 160,
  fitSamples: 148,
  restMax: 0.2,
  limits: {
    ...keySense.limits,
    offShare: 0.035,
    offHz: 4,
    twistMin: 10 ** (-14 / 10),
    twistMax: 10 ** (11 / 10),
    weakest: peakOfDbm0(-52),
    faint: peakOfDbm0(-52),
    fallingTwist: 10 ** (-9 / 10),
  },
};

/**
 * Listens to what goes out to the agent while it is secured, as the last who could hear a key. It shares nothing with what
 * takes keys out but the arithmetic.
 */
export class LeakWatch {
  /** What the customer sends may reach the agent, less its tones. */
  readonly #mayPass: boolean;
  readonly #found: (kind: LeakKind) => void;
  readonly #detector: ToneDetector;
  /** By payload type: the law of G.711, and which are events. */
  readonly #laws: (Int16Array | undefined)[] = Array.from({ length: 128 });
  readonly #events = new Uint8Array(128);

  constructor(mayPass: boolean, found: (kind: LeakKind) => void) {
    this.#mayPass = mayPass;
    this.#found = found;
    this.#detector = new ToneDetector({ onTone: () => this.#found('tone'), sense: leakSense });
  }

  /** Payload types of the agent's leg. */
  describe({ codecs, events }: LegSettings): void {
    this.#laws.fill(undefined);
    this.#events.fill(0);
    for (const { send, silence } of codecs) {
      if (send !== null && silence === 'PCMU') this.#laws[send] = ulawTable;
      if (send !== null && silence === 'PCMA') this.#laws[send] = alawTable;
    }
    for (const { send } of events) if (send !== null) this.#events[send] = 1;
  }

  /** Takes the datagram (bytes `at` to `end`) that goes to the agent; `own` when it is silence of our making. */
  listen(packet: Buffer, at: number, end: number, own: boolean): void {
    const type = payloadTypeOf(packet, at);
    if (this.#events[type] === 1) return this.#found('event');
    if (!own && !this.#mayPass) this.#found('sound');
    const law = this.#laws[type];
    if (law === undefined) return;
    const from = at + rtpHeaderBytes;
    this.#detector.feedG711(law, packet, end - from, from);
  }

  /** Forgets the sound. */
  wipe(): void {
    this.#detector.reset();
  }
}
