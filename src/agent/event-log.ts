/** More than one payment makes; an agent who missed more gets the state instead. */
export const entriesPerLog = 256;
export const bytesPerLog = 128 * 1024;

interface Entry {
  readonly seq: number;
  readonly frame: string;
}

/**
 * The last frames for one agent, numbered. Numbers start at the wall clock's milliseconds: after a restart they go on
 * above all earlier ones, so that a client of the former process is never given other events under numbers it knows.
 */
export class EventLog {
  readonly #entries: Entry[] = [];
  #bytes = 0;
  #seq: number;

  constructor(startMs: number) {
    this.#seq = startMs;
  }

  /** Number of the last event. */
  get seq(): number {
    return this.#seq;
  }

  get size(): number {
    return this.#entries.length;
  }

  /** @returns the frame written for the next number; undefined, and no number used, when `write` refuses. */
  append(write: (seq: number) => string | undefined): string | undefined {
    const seq = this.#seq + 1;
    const frame = write(seq);
    if (frame === undefined) return undefined;
    this.#seq = seq;
    this.#entries.push({ seq, frame });
    this.#bytes += frame.length;
    while (this.#entries.length > entriesPerLog || (this.#bytes > bytesPerLog && this.#entries.length > 1)) {
      this.#bytes -= this.#entries.shift()?.frame.length ?? 0;
    }
    return frame;
  }

  /** @returns what came after `seq`, oldest first; undefined when some of it is gone or `seq` is none of ours. */
  after(seq: number): string[] | undefined {
    const oldest = this.#entries[0]?.seq ?? this.#seq + 1;
    if (seq > this.#seq || seq < oldest - 1) return undefined;
    return this.#entries.filter((entry) => entry.seq > seq).map(({ frame }) => frame);
  }
}
