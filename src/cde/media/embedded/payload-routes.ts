import { alawToUlaw, ulawToAlaw } from './g711-laws.ts';
import type { LegSettings } from './leg-settings.ts';

const payloadTypes = 128;

/** What a payload type of a leg is, and how it leaves by the other leg. Looked up for each packet. */
export class PayloadRoutes {
  /** 0 when the leg did not agree to the type. */
  readonly audioClock = new Int32Array(payloadTypes);
  readonly eventClock = new Int32Array(payloadTypes);
  /** Payload type on the other leg, or -1 when it has none for it. */
  readonly to = new Int16Array(payloadTypes).fill(-1);
  /** Between the laws of G.711: code words of the one to code words of the other. */
  readonly convert: (Uint8Array | undefined)[] = Array.from({ length: payloadTypes });

  constructor(from: LegSettings, other: LegSettings | undefined) {
    for (const codec of from.codecs) {
      if (codec.receive === null) continue;
      this.audioClock[codec.receive] = codec.clockRate;
      const same = other?.codecs.find(({ name, send }) => name === codec.name && send !== null);
      const law =
        same ?? other?.codecs.find(({ silence, send }) => send !== null && otherLaw(codec.silence) === silence);
      if (law === undefined || law.send === null) continue;
      this.to[codec.receive] = law.send;
      if (same === undefined) this.convert[codec.receive] = codec.silence === 'PCMU' ? ulawToAlaw : alawToUlaw;
    }
    for (const event of from.events) {
      if (event.receive === null) continue;
      this.eventClock[event.receive] = event.clockRate;
      const same = other?.events.find(({ clockRate, send }) => clockRate === event.clockRate && send !== null);
      this.to[event.receive] = same?.send ?? -1;
    }
  }
}

const otherLaw = (silence: string | null): string | undefined =>
  silence === 'PCMU' ? 'PCMA' : silence === 'PCMA' ? 'PCMU' : undefined;
