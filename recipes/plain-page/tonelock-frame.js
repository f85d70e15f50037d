const version = 1;
const answerWithinMs = 25_000;
const helloEveryMs = 300;

/**
 * The panel in a frame of your page, spoken to by messages of version 1. `events` of the target: each event of the gateway by
 * its type (`capture.locked`, `payment.succeeded` …), masked, as `detail`; and `size` with the height that the panel wants.
 */
export class TonelockFrame extends EventTarget {
  #frame;
  #origin;
  #waiting = new Map();
  #nextId = 1;
  #listener = (event) => this.#receive(event);

  /** @param {HTMLIFrameElement} frame @param {string} gateway its origin, `https://tonelock.example` */
  constructor(frame, gateway) {
    super();
    this.#frame = frame;
    this.#origin = gateway;
    window.addEventListener('message', this.#listener);
    frame.src = `${gateway}/panel/frame.html`;
  }

  /** Resolves when the panel listens. A frame says nothing of its own until the page around it has spoken. */
  async ready() {
    for (;;) {
      const answered = await Promise.race([
        this.#order('hello').then(() => true),
        new Promise((resolve) => setTimeout(resolve, helloEveryMs, false)),
      ]);
      if (answered) return;
    }
  }

  /** @param {{ ticket?: string, token?: string, callId?: string, lang?: string, theme?: string }} what */
  start(what) {
    return this.#order('start', what);
  }
  /** Opens the payment of the call, with details that are known already. */
  open(details = {}) {
    return this.#order('open', { details });
  }
  prefill(details) {
    return this.#order('prefill', { details });
  }
  /** Hides the panel; the payment goes on. */
  hide() {
    return this.#order('hide');
  }
  restore() {
    return this.#order('restore');
  }
  /** Closes the payment: one in progress is cancelled, what was keyed is wiped. */
  close() {
    return this.#order('close');
  }

  dispose() {
    window.removeEventListener('message', this.#listener);
  }

  #order(type, fields = {}) {
    const id = String(this.#nextId++);
    this.#frame.contentWindow?.postMessage({ ...fields, tonelock: version, id, type }, this.#origin);
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      setTimeout(() => this.#settle(id, { type: 'failed', code: 'timed-out' }), answerWithinMs);
    });
  }

  #receive({ source, origin, data }) {
    if (source !== this.#frame.contentWindow || origin !== this.#origin || data?.tonelock !== version) return;
    if (data.type === 'event') this.dispatchEvent(new CustomEvent(data.event.type, { detail: data.event }));
    else if (data.type === 'size') this.dispatchEvent(new CustomEvent('size', { detail: data.height }));
    else this.#settle(data.id, data);
  }

  #settle(id, { type, code }) {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    if (type === 'done') waiting?.resolve();
    // `hello` is repeated until somebody listens, so nobody waits for those that came too early.
    else waiting?.reject(Object.assign(new Error(`tonelock: ${code}`), { code }));
  }
}
