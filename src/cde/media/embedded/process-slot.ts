import type { Clock, Timer } from '../../../shared/clock.ts';
import { CodedError } from '../../../shared/coded-error.ts';
import type { LinkEvents, MediaLink, OpenLink } from './media-link.ts';
import type { RelayOptions } from './relay-options.ts';

/** A process that died is started again, but not more often than this. */
const restartHoldOffMs = 1000;

/** One media process as the engine knows it: started once, and again whenever it died. */
export class ProcessSlot {
  /** Calls that it carries; kept by the engine. */
  calls = 0;
  readonly #open: OpenLink;
  readonly #clock: Clock;
  readonly #options: RelayOptions;
  readonly #events: Omit<LinkEvents, 'died'>;
  readonly #died: (process: ProcessSlot) => void;
  readonly #changed: () => void;
  #link: Promise<MediaLink> | undefined;
  #restart: Timer | undefined;
  #running: MediaLink | undefined;
  #notBefore = 0;
  #closed = false;

  constructor(
    open: OpenLink,
    clock: Clock,
    options: RelayOptions,
    events: Omit<LinkEvents, 'died'>,
    died: (process: ProcessSlot) => void,
    changed: () => void,
  ) {
    this.#open = open;
    this.#clock = clock;
    this.#options = options;
    this.#events = events;
    this.#died = died;
    this.#changed = changed;
  }

  /** @throws {CodedError} `media-failed` when the process cannot be started, or died a moment ago. */
  link(): Promise<MediaLink> {
    if (this.#link !== undefined) return this.#link;
    if (this.#closed || this.#clock.monotonic() < this.#notBefore)
      return Promise.reject(new CodedError('media-failed'));
    return this.#start();
  }

  #start(): Promise<MediaLink> {
    const link = this.#open(this.#options, { ...this.#events, died: () => this.#lose() });
    this.#link = link;
    link.then(
      (running) => {
        if (this.#link !== link) return;
        this.#running = running;
        this.#changed();
      },
      () => this.#lose(),
    );
    return link;
  }

  /** Whether it can take calls now. */
  get ready(): boolean {
    return this.#running !== undefined;
  }

  /** Whether the process behind `link` is still the one that runs. */
  runs(link: MediaLink): boolean {
    return this.#running === link;
  }

  close(): void {
    this.#closed = true;
    this.#restart?.cancel();
    this.#link?.then(
      (link) => link.close(),
      () => undefined,
    );
    this.#link = undefined;
  }

  #lose(): void {
    if (this.#link === undefined) return;
    this.#link = undefined;
    this.#running = undefined;
    this.#notBefore = this.#clock.monotonic() + restartHoldOffMs;
    this.#died(this);
    this.#changed();
    this.#restart = this.#clock.after(restartHoldOffMs, () => this.#startAgain());
  }
  /** A timer may fire a fraction of a millisecond early, so the clock is not asked again whether it is time. */
  #startAgain(): void {
    if (this.#link === undefined && !this.#closed) this.#start().catch(() => undefined);
  }
}
