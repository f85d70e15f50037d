import type { RelayOptions } from '../../src/cde/media/embedded/relay-options.ts';
import type { LegSettings } from '../../src/cde/media/offer-answer/leg-settings.ts';
import { PaperCall } from './paper-call.ts';
import { agentAt, callerAt, legSettings } from './paper-legs.ts';
import { ToneTrack } from './tone-generator.ts';

/** The ways in which keys are kept from an agent. `dropOpen` is not secured at all: there keys are taken out always. */
export const ways = {
  mute: { secureAudio: 'mute' },
  agentTalks: { secureAudio: 'agentTalks' },
  masked: { secureAudio: 'masked' },
  maskedLine: { secureAudio: 'masked', lookBackMs: 40 },
  drop: { betweenCaptures: 'drop' },
  dropMasked: { betweenCaptures: 'drop', secureAudio: 'masked' },
  dropOpen: { betweenCaptures: 'drop' },
} as const satisfies Record<string, Partial<RelayOptions>>;
export type Way = keyof typeof ways;
export const allWays = Object.keys(ways) as Way[];

/** 20 ms of a tone may pass nowhere: a keen decoder makes a key of them. Without a line 10 ms can. */
export const toneMsMax = (way: Way): number => (way === 'masked' || way.startsWith('drop') ? 10 : 0);

export const silenceMs = (ms: number): Int16Array => new ToneTrack().silence(ms).samples();
export const toneMs = (key: string, ms: number): Int16Array => new ToneTrack().press(key, { ms }).samples();

/** A call of paper that is secured in one of the ways, with a customer who is up to something. */
export class AttackedCall {
  readonly call: PaperCall;
  readonly #way: Way;

  private constructor(call: PaperCall, way: Way) {
    this.call = call;
    this.#way = way;
  }

  static async open(way: Way): Promise<AttackedCall> {
    const call = await PaperCall.open(ways[way]);
    call.play(silenceMs(200));
    return new AttackedCall(call, way);
  }

  /** @returns when. What was sent in this very moment was on its way before. */
  secure(): number {
    if (this.#way !== 'dropOpen') this.call.secure();
    return performance.now();
  }

  /** Asks for the release while `meanwhile` happens, and waits until the call is open. */
  async release(meanwhile: () => void = () => undefined): Promise<void> {
    const released = this.#way === 'dropOpen' ? undefined : this.call.release();
    meanwhile();
    this.call.play(silenceMs(400));
    await released;
  }

  configure(side: 'caller' | 'agent', event: number | null, changes: Partial<LegSettings> = {}): void {
    const at = side === 'caller' ? callerAt : agentAt;
    this.call.relay.configure(side, legSettings(at, event, changes), performance.now());
  }

  /** Hands in packets, one every 20 ms. Each is a copy: the memory of what was delivered is overwritten. */
  deliver(packets: readonly Buffer[], change: (packet: Buffer) => void = () => undefined, everyMs = 20): void {
    for (const packet of packets) {
      const copy = Buffer.from(packet);
      change(copy);
      this.call.deliver(copy);
      this.call.pass(everyMs, false);
    }
  }

  /** Packets to the agent since `from` that are events, or that hold the key and are too short for sound. */
  keyPackets(key: number, from: number): number {
    return this.call.toAgent.filter(
      ({ at, payload, payloadType }) =>
        at >= from && (payloadType === 120 || (payload.length < 40 && payload.includes(key))),
    ).length;
  }
}
