import type { FieldReading } from './field-value.ts';

export interface EditorPorts {
  /** Sends changed details; rejects when the server does not take them. */
  readonly send: (details: Record<string, string | number | null>) => Promise<unknown>;
  readonly after: (ms: number, fire: () => void) => () => void;
  /** Something that is drawn has changed. */
  readonly changed: () => void;
  /** A value that was sent by itself, while the agent typed on, was not taken. */
  readonly refused: (error: unknown) => void;
}

/** Long enough to finish a word, short enough that Authorise comes alive while the agent looks at it. */
const typingPauseMs = 350;

/**
 * What the agent is typing, until the server has it. One request at a time, in order; a text that means nothing is kept on
 * the screen with its problem and not sent.
 */
export class DetailsEditor {
  readonly #ports: EditorPorts;
  readonly #drafts = new Map<string, { text: string; reading: FieldReading }>();
  readonly #pending = new Map<string, string | number | null>();
  #running: Promise<void> | undefined;
  #cancelPause: (() => void) | undefined;

  constructor(ports: EditorPorts) {
    this.#ports = ports;
  }

  /** The typed text while it is ahead of the server, else undefined. */
  text(name: string): string | undefined {
    return this.#drafts.get(name)?.text;
  }

  /** The problem of the typed text, if it has one. */
  reading(name: string): FieldReading | undefined {
    return this.#drafts.get(name)?.reading;
  }

  /** True while the server may not have what the screen shows: then nothing may be authorised. */
  get ahead(): boolean {
    return [...this.#drafts.values()].some((draft) => 'problem' in draft.reading);
  }

  edit(name: string, text: string, reading: FieldReading): void {
    this.#drafts.set(name, { text, reading });
    if ('value' in reading) this.#pending.set(name, reading.value);
    else this.#pending.delete(name);
    this.#cancelPause?.();
    this.#cancelPause = this.#ports.after(typingPauseMs, () => void this.#flushAlone());
    this.#ports.changed();
  }

  /** A choice from a list needs no pause: it is sent at once. */
  choose(name: string, value: string | number): void {
    this.#drafts.delete(name);
    this.#pending.set(name, value === '' ? null : value);
    void this.#flushAlone();
  }

  /** Resolves when the server has everything that was typed and means something; rejects when it takes some of it not. */
  async flush(): Promise<void> {
    this.#cancelPause?.();
    while (this.#running !== undefined || this.#pending.size > 0) {
      this.#running ??= this.#sendPending();
      await this.#running;
    }
  }

  /** The agent has left the input: from here it shows what the server says, unless the text means nothing. */
  async leave(name: string): Promise<void> {
    await this.#flushAlone();
    const draft = this.#drafts.get(name);
    if (draft !== undefined && 'value' in draft.reading) this.#drafts.delete(name);
    this.#ports.changed();
  }

  /** Another session, or another provider: what was typed belongs to neither. */
  reset(): void {
    this.#cancelPause?.();
    this.#drafts.clear();
    this.#pending.clear();
  }

  async #flushAlone(): Promise<void> {
    await this.flush().catch((error: unknown) => this.#ports.refused(error));
  }

  async #sendPending(): Promise<void> {
    const details = Object.fromEntries(this.#pending);
    this.#pending.clear();
    try {
      await this.#ports.send(details);
    } catch (error) {
      this.#markRefused(Object.keys(details));
      throw error;
    } finally {
      this.#running = undefined;
      this.#ports.changed();
    }
  }

  #markRefused(names: readonly string[]): void {
    for (const name of names) {
      const draft = this.#drafts.get(name);
      if (draft !== undefined) this.#drafts.set(name, { text: draft.text, reading: { problem: 'notSaved' } });
    }
  }
}
