/** What a call needs to be served, by the words that `/readyz` gives as reasons. */
export interface ReadinessParts {
  /** What an earlier process left open is known, and the other gateways know this one. */
  readonly started: () => boolean;
  readonly sipLinked: () => boolean;
  readonly roomOpen: () => boolean;
  readonly mediaReady: () => boolean;
  readonly storageWorks: () => boolean;
}

/** Whether the gateway takes calls now, and the switch that stops it for good. */
export class GatewayReadiness {
  readonly #parts: ReadinessParts;
  readonly #onDrain: () => void;
  #draining = false;

  constructor(parts: ReadinessParts, onDrain: () => void) {
    this.#parts = parts;
    this.#onDrain = onDrain;
  }

  state(): { ready: boolean; reasons: string[]; draining: boolean } {
    const reasons = [
      ...(this.#draining ? ['draining'] : []),
      ...(this.#parts.started() ? [] : ['starting']),
      ...(this.#parts.sipLinked() ? [] : ['sip-server-lost']),
      ...(this.#parts.roomOpen() ? [] : ['room-lost']),
      ...(this.#parts.roomOpen() && !this.#parts.mediaReady() ? ['media-lost'] : []),
      ...(this.#parts.storageWorks() ? [] : ['storage-failed']),
    ];
    return { ready: reasons.length === 0, reasons, draining: this.#draining };
  }

  /** Twice is once. */
  drain(): void {
    if (this.#draining) return;
    this.#draining = true;
    this.#onDrain();
  }
}
