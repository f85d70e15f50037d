import { alawTable, ulawTable } from '../../dtmf/g711.ts';
import { rtpHeaderBytes } from '../rtp-packet.ts';
import { type ComfortFill, fillLoop, type Law } from './comfort-fill.ts';
import type { FlowTap } from './flow.ts';
import { LookBackLine } from './look-back-line.ts';
import { emptyRelayed, type RelayedPacket } from './relayed-packet.ts';
import type { ToneTap } from './tone-tap.ts';

export interface SoundOptions {
  readonly secureAudio: 'mute' | 'agentTalks' | 'masked';
  readonly betweenCaptures: 'pass' | 'drop';
  /** How long the customer's sound is held back while tones are taken out of it; 0: not at all. */
  readonly lookBackMs: number;
  /** What is heard in place of what was taken out. */
  readonly fill: ComfortFill;
}

/**
 * What becomes of a packet of the customer's sound: it passes as it is, or with comfort sound in its place, or not at all.
 * `blind`: not at all, because nobody can say what is in it.
 */
export type SoundFate = 'passes' | 'filled' | 'dropped' | 'blind';

/** Less than 5 ms are no packet of sound, but something else under its payload type. */
const soundBytesMin = 40;

/** So long after its last packet the customer's leg says nothing. */
const quietMs = 200;

/** The packet that is on the short way. One for all calls: they are served one after another. */
const passing = emptyRelayed();

const tables: Record<Law, Int16Array> = { PCMU: ulawTable, PCMA: alawTable };

/**
 * The customer's sound on its way to the agent: keys are heard in it, and taken out where the call is secured in the mode
 * `masked`, or always with `betweenCaptures: drop`. Only G.711 can be judged; other codecs pass in the open, and not at all
 * while the call is secured.
 */
export class CallerSound implements FlowTap {
  readonly ear: ToneTap;
  readonly #options: SoundOptions;
  readonly #drops: boolean;
  readonly #line: LookBackLine | undefined;
  /** The law that is in the line; undefined while it is not in use. */
  #lineLaw: Law | undefined;
  #sample = 0;
  /** Whether the packet before was suspected. */
  #suspected = false;
  /** Of the sound that takes the short way. */
  #passingLaw: Law = 'PCMU';
  #passingEpoch = -1;

  constructor(options: SoundOptions, ear: ToneTap) {
    this.ear = ear;
    this.#options = options;
    this.#drops = options.betweenCaptures === 'drop';
    this.#line = options.lookBackMs > 0 ? new LookBackLine(options.lookBackMs) : undefined;
  }

  /** Whether tones are taken out one by one, in the open or under the lock. */
  masks(open: boolean): boolean {
    return open ? this.#drops : this.#options.secureAudio === 'masked';
  }

  /** Whether every packet must be heard, also in the open. */
  get listens(): boolean {
    return this.#drops || this.ear.awake;
  }

  /**
   * A lock begins. @returns whether anything may pass under it: where tones are taken out one by one, as long as sound comes
   * in which they can be found. `law` is that of the last packet, `ageMs` its age.
   */
  lock(law: Law | null | undefined, ageMs: number): boolean {
    const masks = this.masks(false);
    this.ear.wary = masks;
    this.ear.wake();
    this.ear.lock();
    return masks && law !== undefined && law !== null && ageMs < quietMs;
  }

  /**
   * Hears the packet and takes out of it what is not for the agent. `held`: an event says that a key is down; `law` is
   * undefined for codecs that cannot be judged, null for comfort noise, which holds no sound; nobody needs it under a lock.
   */
  take(relayed: RelayedPacket, law: Law | null | undefined, open: boolean, held: boolean, now: number): SoundFate {
    const masks = this.masks(open);
    this.ear.wary = masks;
    if (law !== undefined && law !== null) this.#listen(relayed, law, open, now);
    if (!masks) {
      this.#lineLaw = undefined;
      return open ? 'passes' : 'dropped';
    }
    if (held) return 'dropped';
    if (law === undefined || law === null) return open ? 'passes' : 'blind';
    return relayed.end - relayed.start < soundBytesMin ? 'blind' : this.#mask(relayed, law);
  }

  /**
   * What sound like the packet that was taken last must meet on the short way, as long as the call is open and no event
   * says that a key is down. @returns null where each packet must be looked at; `epoch` is that of its stream.
   */
  tap(law: Law | null | undefined, epoch: number): FlowTap | null {
    if (!this.#drops || law === undefined || law === null) return null;
    this.#passingLaw = law;
    this.#passingEpoch = epoch;
    return this;
  }

  /** One packet on the short way: {@link take} in the open. */
  hear(packet: Buffer, length: number, timestamp: number, now: number): void {
    passing.packet = packet;
    passing.start = rtpHeaderBytes;
    passing.end = length;
    passing.timestamp = timestamp;
    passing.epoch = this.#passingEpoch;
    this.#listen(passing, this.#passingLaw, true, now);
    this.#mask(passing, this.#passingLaw);
  }

  /** The sound that was kept is forgotten. */
  wipe(): void {
    this.ear.sleep();
    this.#line?.wipe();
    this.#lineLaw = undefined;
  }

  #listen(relayed: RelayedPacket, law: Law, open: boolean, now: number): void {
    const { ear } = this;
    if (!ear.awake && (!open || this.#drops)) ear.wake();
    ear.hear(relayed, tables[law], now);
    // A key that was down at the release is followed to its end.
    if (ear.awake && open && !this.#drops && !ear.sounding(now)) ear.sleep();
  }

  #mask({ packet, start, end }: RelayedPacket, law: Law): SoundFate {
    const { suspects } = this.ear;
    // The last of a tone fills too little of a packet to be told; what is no key has no end that anybody waits for.
    const mute = suspects || this.#suspected;
    this.#suspected = suspects;
    const fill = fillLoop(law, this.#options.fill);
    const line = this.#line;
    if (line !== undefined) {
      if (this.#lineLaw !== law) line.begin(fill);
      this.#lineLaw = law;
      line.exchange(packet, start, end, mute, fill);
    } else if (mute) {
      fill.write(packet, start, end - start, this.#sample);
    }
    this.#sample += end - start;
    return mute ? 'filled' : 'passes';
  }
}
