/** μ-law at 8 kHz (ITU-T G.711), as the agent's phone received it. */
const rate = 8000;
const askEveryMs = 300;
/** Played so long after it was heard: sound that comes in pieces must be there before it is due. */
const delaySeconds = 0.5;

const value = (byte: number): number => {
  const plain = ~byte & 0xff;
  const magnitude = ((((plain & 0x0f) << 3) + 0x84) << ((plain >> 4) & 0x07)) - 0x84;
  return (plain & 0x80 ? -magnitude : magnitude) / 32_768;
};

/** What the agent hears, on this computer's loudspeaker. */
export class Listening {
  readonly #fetch: (after: number) => Promise<{ last: number; sound: string }>;
  #context: AudioContext | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #last = 0;
  #due = 0;

  constructor(fetchSound: (after: number) => Promise<{ last: number; sound: string }>) {
    this.#fetch = fetchSound;
  }

  get on(): boolean {
    return this.#timer !== undefined;
  }

  /** Must be called in a click: browsers let no page make a sound by itself. */
  async toggle(): Promise<void> {
    if (this.on) {
      clearInterval(this.#timer);
      this.#timer = undefined;
      await this.#context?.suspend();
      return;
    }
    this.#context ??= new AudioContext();
    this.#timer = setInterval(() => void this.#more().catch(() => undefined), askEveryMs);
    await this.#context.resume();
  }

  async #more(): Promise<void> {
    const { last, sound } = await this.#fetch(this.#last);
    // Packets are numbered anew in each call.
    const fresh = last > this.#last;
    this.#last = last;
    if (fresh && this.on) this.#play(atob(sound));
  }

  #play(bytes: string): void {
    const context = this.#context;
    if (context === undefined || bytes.length === 0) return;
    const buffer = context.createBuffer(1, bytes.length, rate);
    buffer.copyToChannel(
      Float32Array.from(bytes, (char) => value(char.charCodeAt(0))),
      0,
    );
    const source = context.createBufferSource();
    source.buffer = buffer;
    source.connect(context.destination);
    const now = context.currentTime;
    if (this.#due < now || this.#due > now + 4 * delaySeconds) this.#due = now + delaySeconds;
    source.start(this.#due);
    this.#due += buffer.duration;
  }
}
