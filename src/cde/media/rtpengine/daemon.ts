import type { Clock, Timer } from '../../../shared/clock.ts';
import type { Dictionary } from './bencode.ts';
import { type Address, NgClient } from './ng-client.ts';

/** How often a daemon is asked whether it is there, and is still the same. */
const lookEveryMs = 1000;
/** A daemon tells its age in whole seconds; one that is younger than that by more has been started again. */
const ageSlackMs = 3000;

/** One rtpengine: its control connection, and whether it lives. */
export class Daemon {
  readonly #client: NgClient;
  readonly #clock: Clock;
  readonly #died: (daemon: Daemon) => void;
  readonly #changed: () => void;
  #alive = false;
  #startedAt: number | undefined;
  #timer: Timer | undefined;
  #closed = false;
  /** Calls that it carries; kept by the engine. */
  calls = 0;

  constructor(address: Address, clock: Clock, died: (daemon: Daemon) => void, changed: () => void) {
    this.#client = new NgClient(address, clock);
    this.#clock = clock;
    this.#died = died;
    this.#changed = changed;
  }

  get alive(): boolean {
    return this.#alive;
  }

  /** Looks now, and goes on looking whatever the answer. */
  async start(): Promise<void> {
    this.#timer?.cancel();
    await this.#look();
  }

  /** @throws {CodedError} as `NgClient.ask`. */
  ask(command: string, more: Dictionary): Promise<Dictionary> {
    return this.#client.ask(command, more);
  }

  close(): void {
    this.#closed = true;
    this.#timer?.cancel();
    this.#client.close();
  }

  async #look(): Promise<void> {
    const answer = await this.#client.ask('statistics').catch(() => undefined);
    if (this.#closed) return;
    this.#judge(answer);
    this.#timer = this.#clock.after(lookEveryMs, () => void this.#look());
  }

  #judge(answer: Dictionary | undefined): void {
    const wasAlive = this.#alive;
    this.#alive = answer !== undefined;
    const startedAt = answer === undefined ? undefined : this.#clock.monotonic() - 1000 * ageOf(answer);
    const isAnother =
      startedAt !== undefined && this.#startedAt !== undefined && startedAt - this.#startedAt > ageSlackMs;
    if (startedAt !== undefined) this.#startedAt = startedAt;
    if ((wasAlive && !this.#alive) || isAnother) this.#died(this);
    if (wasAlive !== this.#alive) this.#changed();
  }
}

/** Seconds since the daemon started; some versions write them as a text. */
function ageOf(answer: Dictionary): number {
  const statistics = answer['statistics'];
  const totals = isDictionary(statistics) ? statistics['totalstatistics'] : undefined;
  const age = isDictionary(totals) ? Number(totals['uptime']) : Number.NaN;
  return Number.isFinite(age) ? age : 0;
}

export const isDictionary = (value: unknown): value is Dictionary =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !Buffer.isBuffer(value);
