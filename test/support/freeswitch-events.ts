/** A telephone-event packet as far as FreeSWITCH looks at it. */
export interface EventPacket {
  readonly sequence: number;
  readonly timestamp: number;
  readonly code: number;
  readonly end: boolean;
  readonly duration: number;
}

/** FreeSWITCH counts no shorter press. */
const durationMin = 400;

/**
 * How FreeSWITCH makes keys of telephone-event packets (`handle_rfc2833` of switch_rtp.c, 1.11): a key is told by its first end
 * packet; one without an end is never told; an end packet with a timestamp of its own is a key of its own.
 */
export class FreeswitchEvents {
  readonly #told: (code: number, duration: number) => void;
  #sequence = 0;
  /** The timestamp of the press that is under way; 0 is none. */
  #timestamp = 0;
  #last = 0;

  constructor(told: (code: number, duration: number) => void) {
    this.#told = told;
  }

  take(packet: EventPacket): void {
    if (packet.sequence < this.#sequence && this.#sequence - packet.sequence > 100) this.#sequence = 0;
    if (packet.sequence <= this.#sequence) return;
    this.#sequence = packet.sequence;
    if (this.#timestamp !== 0 && this.#timestamp !== packet.timestamp) this.#timestamp = 0;
    if (!packet.end) {
      if (this.#timestamp === 0) this.#begin(packet.timestamp);
      return;
    }
    if (this.#timestamp === 0 && this.#last !== packet.timestamp) this.#begin(packet.timestamp);
    if (this.#timestamp === 0) return;
    this.#timestamp = 0;
    this.#told(packet.code, Math.max(durationMin, packet.duration));
  }

  #begin(timestamp: number): void {
    this.#timestamp = timestamp;
    this.#last = timestamp;
  }
}
