import { z } from 'zod';
import type { Clock } from '../../shared/clock.ts';
import { CodedError } from '../../shared/coded-error.ts';
import type { Beat, BusChange, BusListener, GatewayBus, ScopeState } from '../gateway-bus.ts';
import { RedisLink } from './redis-link.ts';
import {
  anewWord,
  appendScript,
  beatScript,
  callsScript,
  claimScript,
  forgetScript,
  gatewayChannel,
  heldScript,
  keptKey,
  leaveScript,
  openScript,
  scopeChannel,
  wantScript,
  whereKey,
} from './scripts.ts';

export interface RedisBusParts {
  /** `redis://` or `rediss://`; a secret. */
  readonly url: string;
  readonly gateway: string;
  readonly chain: string;
  readonly clock: Clock;
}

const texts = z.array(z.string());
const opened = z.tuple([z.string().regex(/^\d{1,16}$/), texts, texts]);
const beaten = z.tuple([z.number(), z.number(), texts]);
/** What the script says to a gateway that may have been buried. */
const noLease = 2;
/** A number of JavaScript's whole numbers, and what stands behind it. */
const numbered = /^(\d{1,16}) (.*)$/s;

/** The bus in one Redis: what has to happen together is one script there. */
export class RedisBus implements GatewayBus {
  readonly #parts: RedisBusParts;
  readonly #link: RedisLink;
  readonly #scopes = new Map<string, string>();
  #listener: BusListener | undefined;

  constructor(parts: RedisBusParts) {
    this.#parts = parts;
    const own = gatewayChannel(parts.gateway);
    this.#link = new RedisLink({
      url: parts.url,
      clock: parts.clock,
      // Not up before requests can be heard.
      up: () =>
        void this.#link
          .subscribe(own)
          .then(() => this.#listener?.up())
          .catch(() => undefined),
      down: () => {
        this.#scopes.clear();
        this.#listener?.down();
      },
      heard: (channel, text) => (channel === own ? this.#listener?.message(text) : this.#heard(channel, text)),
    });
  }

  get up(): boolean {
    return this.#link.up;
  }

  start(listener: BusListener): void {
    this.#listener = listener;
    this.#link.connect();
  }

  async open(scope: string, atLeast: number): Promise<ScopeState> {
    const channel = scopeChannel(scope);
    if (!this.#scopes.has(channel)) await this.#subscribe(channel, scope);
    const answer = await this.#link.script(openScript, scope, String(atLeast), this.#now());
    const [seq, lines, calls] = fitting(opened, answer);
    return { seq: Number(seq), entries: lines.map((line) => numbered.exec(line)?.[2] ?? ''), calls };
  }

  async leave(scope: string): Promise<void> {
    const channel = scopeChannel(scope);
    if (this.#scopes.delete(channel)) await this.#link.unsubscribe(channel);
  }

  async want(scopes: readonly string[]): Promise<void> {
    await this.#link.script(wantScript, ...scopes);
  }

  async append(change: BusChange): Promise<boolean> {
    const { gateway, callId, ids, held, scopes, entries, onlyIfHeld } = change;
    // No user part of a SIP URI holds a colon (RFC 3261 §25.1), so these words are no agent.
    const [agent, text] = typeof held === 'string' ? [`${held}:`, ''] : [held.agent, held.text];
    const words = [gateway, callId, agent, text, onlyIfHeld ? '1' : '0', this.#now()];
    const lists = [String(ids.length), ...ids, String(scopes.length), ...scopes];
    const both = entries.flatMap((entry) => [entry.text, entry.apart]);
    const done = await this.#link.script(appendScript, ...words, ...lists, ...both);
    if (done === noLease) throw new CodedError('gateway-unreachable');
    return done === 1;
  }

  async callsOf(scope: string): Promise<readonly string[]> {
    return fitting(texts, await this.#link.script(callsScript, scope));
  }

  async beat(leaseMs: number): Promise<Beat> {
    const { gateway, chain } = this.#parts;
    const [answer] = await Promise.all([
      this.#link.script(beatScript, gateway, chain, String(leaseMs)),
      this.#link.ping(),
    ]);
    const [known, alive, missing] = fitting(beaten, answer);
    return { known: known === 1, alive, missing: pairs(missing).map(([name, of]) => ({ gateway: name, chain: of })) };
  }

  async heldBy(gateway: string) {
    const found = fitting(texts, await this.#link.script(heldScript, gateway));
    return pairs(found).map(([callId, text]) => ({ callId, text }));
  }

  async forget(gateway: string): Promise<void> {
    await this.#link.script(forgetScript, gateway);
  }

  async holderOf(id: string): Promise<string | undefined> {
    return (await this.#link.command((client) => client.get(whereKey(id)))) ?? undefined;
  }

  async place(id: string, ms: number): Promise<void> {
    const { gateway } = this.#parts;
    await this.#link.command((client) => client.set(whereKey(id), gateway, { expiration: { type: 'PX', value: ms } }));
  }

  async claim(id: string, ms: number, wanted?: string): Promise<string> {
    const { gateway } = this.#parts;
    return fitting(z.string(), await this.#link.script(claimScript, id, gateway, String(ms), wanted ?? gateway));
  }

  async send(gateway: string, text: string): Promise<boolean> {
    return (await this.#link.command((client) => client.publish(gatewayChannel(gateway), text))) > 0;
  }

  async keep(key: string, text: string, ms: number): Promise<void> {
    await this.#link.command((client) => client.set(keptKey(key), text, { expiration: { type: 'PX', value: ms } }));
  }

  async take(key: string): Promise<string | undefined> {
    return (await this.#link.command((client) => client.getDel(keptKey(key)))) ?? undefined;
  }

  async look(key: string): Promise<string | undefined> {
    return (await this.#link.command((client) => client.get(keptKey(key)))) ?? undefined;
  }

  async close(): Promise<void> {
    this.#listener = undefined;
    if (this.#link.up) await this.#link.script(leaveScript, this.#parts.gateway).catch(() => undefined);
    this.#link.close();
  }

  async #subscribe(channel: string, scope: string): Promise<void> {
    // Known before the first message can come; and not any more when it did not come to that.
    this.#scopes.set(channel, scope);
    try {
      await this.#link.subscribe(channel);
    } catch (error) {
      this.#scopes.delete(channel);
      throw error;
    }
  }

  #heard(channel: string, text: string): void {
    const scope = this.#scopes.get(channel);
    if (scope === undefined) return;
    if (text === anewWord) return this.#listener?.anew(scope);
    const [, seq, body] = numbered.exec(text) ?? [];
    if (body !== undefined) this.#listener?.entry(scope, Number(seq), body);
  }

  #now(): string {
    return String(Math.floor(this.#parts.clock.now()));
  }
}

const pairs = (list: readonly string[]): [string, string][] =>
  list.flatMap((first, at): [string, string][] => (at % 2 === 0 ? [[first, list[at + 1] ?? '']] : []));

/** What another version of these scripts may answer is not believed. */
function fitting<T>(schema: z.ZodType<T>, answer: unknown): T {
  const result = schema.safeParse(answer);
  if (!result.success) throw new CodedError('gateway-unreachable');
  return result.data;
}
