/**
 * The place of in-band detection: it hears the audio of the customer's leg and says whether a tone goes on. Where there
 * is none, no tone is ever found, and `masked` does what `agentTalks` does: it fails closed.
 */
export interface ToneTap {
  /** Takes the payload (bytes `start` to `end`) of one G.711 packet in order of arrival; `samples` decodes its code words. */
  listen(packet: Buffer, start: number, end: number, samples: Int16Array, now: number): void;
  /** Whether a tone is on, or may be on, at the end of the packet heard last. */
  readonly sounding: boolean;
}
