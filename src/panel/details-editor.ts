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
  readonly #drafts = new Map<string, { text: string; read: () => FieldReading }>();
  /** Drafts that the server has not been told of. */
  readonly #unsent = new Set<string>();
  readonly #choices = new Map<string, string | number>();
  #settled: Readonly<Record<string, string | number>> = {};
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
    return this.#drafts.get(name)?.read();
  }

  /** True while the server may not have what the screen shows: then nothing may be authorised. */
  get ahead(): boolean {
    return [...this.#drafts.values()].some((draft) => 'problem' in draft.read());
  }

  /** @param read what the text means now: it may mean something else once another currency is chosen. */
  edit(name: string, text: string, read: () => FieldReading): void {
    this.#drafts.set(name, { text, read });
    this.#unsent.add(name);
    this.#cancelPause?.();
    this.#cancelPause = this.#ports.after(typingPauseMs, () => void this.#flushAlone());
    this.#ports.changed();
  }

  /** A choice from a list needs no pause: it is sent at once. */
  choose(name: string, value: string | number): void {
    this.#drafts.delete(name);
    this.#choices.set(name, value);
    this.#pending.set(name, value === '' ? null : value);
    for (const draft of this.#drafts.keys()) this.#unsent.add(draft);
    void this.#flushAlone();
  }

  /** What is chosen, also while the server still says another: an amount that is typed just then is of the new currency. */
  value(name: string): string | number | undefined {
    return this.#choices.get(name) ?? this.#settled[name];
  }

  /** What the server says now. */
  settle(details: Readonly<Record<string, string | number>>): void {
    this.#settled = details;
    for (const [name, value] of this.#choices) if (details[name] === value) this.#choices.delete(name);
  }

  /** Resolves when the server has everything that was typed and means something; rejects when it takes some of it not. */
  async flush(): Promise<void> {
    this.#cancelPause?.();
    while (this.#running !== undefined || this.#pending.size + this.#unsent.size > 0) {
      this.#running ??= this.#sendPending();
      await this.#running;
    }
  }

  /** The agent has left the input: from here it shows what the server says, unless the text means nothing. */
  async leave(name: string): Promise<void> {
    await this.#flushAlone();
    const draft = this.#drafts.get(name);
    if (draft !== undefined && 'value' in draft.read()) this.#drafts.delete(name);
    this.#ports.changed();
  }

  /** Another session, or another provider: what was typed belongs to neither. */
  reset(): void {
    this.#cancelPause?.();
    this.#drafts.clear();
    this.#unsent.clear();
    this.#choices.clear();
    this.#pending.clear();
  }

  async #flushAlone(): Promise<void> {
    await this.flush().catch((error: unknown) => this.#ports.refused(error));
  }

  async #sendPending(): Promise<void> {
    for (const name of this.#unsent) {
      const reading = this.reading(name);
      if (reading !== undefined && 'value' in reading) this.#pending.set(name, reading.value);
    }
    const details = Object.fromEntries(this.#pending);
    this.#pending.clear();
    this.#unsent.clear();
    try {
      await (Object.keys(details).length > 0 ? this.#ports.send(details) : undefined);
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
      this.#choices.delete(name);
      if (draft !== undefined) this.#drafts.set(name, { text: draft.text, read: () => ({ problem: 'notSaved' }) });
    }
  }
}
