/** Takes what came as one message: several of an outbox, or one that was sent by itself. */
export const eachMessage =
  (take: (message: unknown) => void) =>
  (said: unknown): void => {
    for (const message of Array.isArray(said) ? said : [said]) take(message);
  };

/** The far end, as the runtime offers it: `sent` is called when the message is out. */
type Send = (messages: readonly unknown[], sent: () => void) => void;

/**
 * What a process says in one turn goes out as one message: to send is what costs, on both sides. Most answers that open the
 * sound of a call have a notice beside them, and calls end together (`coalescer.ts`).
 */
export class Outbox {
  readonly #send: Send;
  #messages: unknown[] = [];
  #sent: (() => void)[] = [];

  constructor(send: Send) {
    this.#send = send;
  }

  /** Sends at the end of this turn, with what else is put in until then and in that order; then calls `sent`. */
  send(message: unknown, sent?: () => void): void {
    this.#messages.push(message);
    if (sent !== undefined) this.#sent.push(sent);
    // Comes after what was promised in this turn.
    if (this.#messages.length === 1) process.nextTick(() => this.#flush());
  }

  #flush(): void {
    const sent = this.#sent;
    const messages = this.#messages;
    this.#messages = [];
    this.#sent = [];
    this.#send(messages, () => {
      for (const tell of sent) tell();
    });
  }
}
