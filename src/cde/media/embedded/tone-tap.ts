import type { KeyCode } from '../../dtmf/key-code.ts';
import type { RelayedPacket } from './relayed-packet.ts';

/** A key that was heard. `at`: milliseconds when its tone began, `now`: when it was heard; `early`: it began before the lock that is in force. */
export type TakeTone = (key: KeyCode, at: number, early: boolean, now: number) => void;

/** In-band detection on the customer's leg: it hears G.711 in order of arrival and says whether a key may be sounding. */
export interface ToneTap {
  /** Whether it listens. */
  readonly awake: boolean;
  /** Whether suspicion is wanted beside certainty: sound that may be a key, before anybody can know. */
  wary: boolean;
  /** Whether the packet heard last may hold sound of a key. */
  readonly suspects: boolean;
  wake(): void;
  /** Forgets all that it heard. */
  sleep(): void;
  /** A lock begins: what sounds already is no key of its. */
  lock(): void;
  /** Takes one packet of G.711, if it listens; `samples` decodes its code words. */
  hear(packet: RelayedPacket, samples: Int16Array, now: number): void;
  /** Whether a key may be sounding. */
  sounding(now: number): boolean;
  /** Since when a key is sounding, or NaN when it is not. */
  downSince(key: number, now: number): number;
  /** Whether the key that is sounding began before the lock. */
  readonly early: boolean;
}

/** Makes the tap of one call. */
export type MakeTap = (take: TakeTone) => ToneTap;
