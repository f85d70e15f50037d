import type { Clock, Timer } from '../../shared/clock.ts';
import { CodedError } from '../../shared/coded-error.ts';

/** A Redis that has not answered for so long is away. */
export const answerLimitMs = 1_500;
const connectLimitMs = 2_000;
const firstRetryMs = 100;
const retryLimitMs = 2_000;
/** One that broke sooner than this is not tried again at once: a Redis that refuses every write would be asked for ever. */
const steadyMs = 10_000;
/** Commands that wait for their answers. */
const commandsMax = 20_000;

type Client = Awaited<ReturnType<typeof makeClient>>;

export interface RedisLinkParts {
  /** `redis://` or `rediss://`; a secret. */
  readonly url: string;
  readonly clock: Clock;
  readonly up: () => void;
  /** Before anything under way is rejected. */
  readonly down: () => void;
  readonly heard: (channel: string, text: string) => void;
}

/**
 * Two connections, one to command and one to listen, which live and die together. Nothing is kept for later and nothing is
 * sent again: whoever was waiting is told, and decides.
 */
export class RedisLink {
  readonly #parts: RedisLinkParts;
  #pair: { readonly commands: Client; readonly listener: Client } | undefined;
  #building = false;
  #retry: Timer | undefined;
  #retryMs = firstRetryMs;
  #upAtMs = 0;
  #closed = false;

  constructor(parts: RedisLinkParts) {
    this.#parts = parts;
  }

  get up(): boolean {
    return this.#pair !== undefined;
  }

  connect(): void {
    if (this.#closed || this.#building || this.#pair !== undefined) return;
    this.#building = true;
    this.#build().then(
      () => this.#built(),
      () => this.#again(),
    );
  }

  /** @throws {CodedError} `gateway-unreachable` */
  command<T>(run: (client: Client) => Promise<T>): Promise<T> {
    return this.#timed(this.#pair?.commands, run);
  }

  /** Runs a script; only what its answer is made of is the caller's to know. */
  script(text: string, ...words: readonly string[]): Promise<unknown> {
    return this.command((client) => client.eval(text, { keys: [], arguments: [...words] }) as Promise<unknown>);
  }

  subscribe(channel: string): Promise<void> {
    const heard = this.#parts.heard;
    return this.#timed(this.#pair?.listener, (client) => client.subscribe(channel, (text) => heard(channel, text)));
  }

  unsubscribe(channel: string): Promise<void> {
    return this.#timed(this.#pair?.listener, (client) => client.unsubscribe(channel));
  }

  /** Both connections answer, or are given up. */
  ping(): Promise<unknown> {
    return this.#timed(this.#pair?.listener, (client) => client.ping());
  }

  close(): void {
    this.#closed = true;
    this.#retry?.cancel();
    const pair = this.#pair;
    this.#pair = undefined;
    for (const client of [pair?.commands, pair?.listener]) if (client?.isOpen === true) client.destroy();
  }

  async #build(): Promise<void> {
    const [commands, listener] = [await makeClient(this.#parts.url), await makeClient(this.#parts.url)];
    for (const client of [commands, listener]) {
      client.on('error', () => this.#lost(client));
      client.on('end', () => this.#lost(client));
    }
    try {
      await Promise.all([commands.connect(), listener.connect()]);
    } catch (error) {
      for (const client of [commands, listener]) if (client.isOpen) client.destroy();
      throw error;
    }
    if (this.#closed) {
      for (const client of [commands, listener]) client.destroy();
      return;
    }
    this.#pair = { commands, listener };
  }

  #built(): void {
    this.#building = false;
    if (this.#closed || this.#pair === undefined) return this.#again();
    this.#upAtMs = this.#parts.clock.monotonic();
    this.#parts.up();
  }

  #again(): void {
    this.#building = false;
    if (this.#closed) return;
    this.#retry = this.#parts.clock.after(this.#retryMs, () => this.connect());
    this.#retryMs = Math.min(2 * this.#retryMs, retryLimitMs);
  }

  #lost(client: Client): void {
    const pair = this.#pair;
    if (pair === undefined || (pair.commands !== client && pair.listener !== client)) return;
    this.#pair = undefined;
    if (this.#parts.clock.monotonic() - this.#upAtMs >= steadyMs) this.#retryMs = firstRetryMs;
    this.#parts.down();
    for (const one of [pair.commands, pair.listener]) if (one.isOpen) one.destroy();
    this.#again();
  }

  async #timed<T>(client: Client | undefined, run: (client: Client) => Promise<T>): Promise<T> {
    if (client === undefined) throw new CodedError('gateway-unreachable');
    return await new Promise<T>((resolve, reject) => {
      // Whatever went wrong, the link is down before anybody hears of it.
      const failed = (): void => {
        timer.cancel();
        this.#lost(client);
        reject(new CodedError('gateway-unreachable'));
      };
      const timer = this.#parts.clock.after(answerLimitMs, failed);
      run(client).then((value) => {
        timer.cancel();
        resolve(value);
      }, failed);
    });
  }
}

/** The library is loaded where it is used at all: one gateway alone starts without it. */
async function makeClient(url: string) {
  const { createClient } = await import('@redis/client');
  return createClient({
    url,
    RESP: 2,
    socket: { connectTimeout: connectLimitMs, reconnectStrategy: false, noDelay: true },
    disableOfflineQueue: true,
    commandsQueueMaxLength: commandsMax,
    disableClientInfo: true,
    maintNotifications: 'disabled',
  });
}
