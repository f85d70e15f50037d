import type { SessionView } from '../payment/session-view.ts';
import type { Transaction } from '../payment/transaction.ts';
import type { Saying } from '../shared/saying.ts';
import type { Language } from './messages/language.ts';
import { Problem } from './problem.ts';

export interface CommandsOptions {
  /** Origin of the server, without a slash at the end. */
  readonly server: string;
  readonly token: string;
  readonly fetch: typeof fetch;
  readonly newKey: () => string;
  readonly pause: (ms: number) => Promise<void>;
}

/** A command that did not reach the server is sent again under the same key, so that it cannot take effect twice. */
const attempts = 3;
const pauseMs = 400;
/** Longer than the server's own longest wait for the media side, shorter than an agent's patience. */
const timeoutMs = 20_000;

export interface CallHistory {
  readonly transactions: readonly Transaction[];
  /** How this agent may give back: not at all without the permission. */
  readonly can: readonly ('refunds' | 'void')[];
}

/** What `GET /v1/panel` says: lines of the house's own, how its calls are locked, and what this agent may. */
export interface HouseWords {
  readonly audio: 'mute' | 'agentTalks' | 'masked';
  readonly sayings: Readonly<Record<Language, Partial<Record<Saying, string>>>>;
  /** Without it there is no button, and no command that would be obeyed (P-03). */
  readonly mayTakePayments: boolean;
  /** The detail by the whole of which payments are looked for (S-07); null where they are only looked for by reference. */
  readonly searchField: string | null;
}

export type Details = Record<string, string | number | null>;

/** The HTTP interface of the gateway (contract §4). Every method rejects with a {@link Problem}. */
export class Commands {
  readonly #options: CommandsOptions;

  constructor(options: CommandsOptions) {
    this.#options = options;
  }

  /** Resolves when the server answers and knows the token; one try only, since it is asked again soon. */
  async alive(): Promise<void> {
    await read(await this.#once(`${this.#options.server}/v1/calls`, { headers: this.#identity() }));
  }

  history(callId: string): Promise<CallHistory> {
    return this.ask('GET', `/v1/calls/${encodeURIComponent(callId)}/transactions`) as Promise<CallHistory>;
  }

  session(id: string): Promise<SessionView> {
    return this.ask('GET', path(id)) as Promise<SessionView>;
  }

  words(): Promise<HouseWords> {
    return this.ask('GET', '/v1/panel') as Promise<HouseWords>;
  }

  open(callId: string, details: Details = {}): Promise<unknown> {
    return this.ask('POST', `/v1/calls/${encodeURIComponent(callId)}/session`, { details });
  }
  close(id: string): Promise<unknown> {
    return this.ask('DELETE', path(id));
  }
  changePsp(id: string, psp: string): Promise<unknown> {
    return this.ask('PUT', path(id, 'psp'), { psp });
  }
  changeDetails(id: string, details: Details): Promise<unknown> {
    return this.ask('PATCH', path(id, 'details'), details);
  }
  addPayment(id: string, type: string, amount: number): Promise<unknown> {
    return this.ask('POST', path(id, 'payments'), { type, amount });
  }
  removePayment(id: string, n: number): Promise<unknown> {
    return this.ask('DELETE', path(id, `payments/${n}`));
  }
  capture(id: string, field: string): Promise<unknown> {
    return this.ask('POST', path(id, 'captures'), { field });
  }
  stopCapture(id: string): Promise<unknown> {
    return this.ask('DELETE', path(id, 'captures/current'));
  }
  acceptSurcharge(id: string): Promise<unknown> {
    return this.ask('POST', path(id, 'surcharge'), { accept: true });
  }
  /** The commands that take nothing but their name. */
  plain(id: string, command: 'authorise' | 'retry' | 'new-payment' | 'cancel' | 'enquiry'): Promise<SessionView> {
    return this.ask('POST', path(id, command), {}) as Promise<SessionView>;
  }

  /** Any request to the interface, for what has no method of its own here: it is drawn on demand. */
  async ask(method: string, url: string, body?: unknown): Promise<unknown> {
    const headers = this.#identity();
    if (method !== 'GET') headers['idempotency-key'] = this.#options.newKey();
    if (body !== undefined) headers['content-type'] = 'application/json';
    const init = { method, headers, ...(body === undefined ? {} : { body: JSON.stringify(body) }) };
    return read(await this.#reach(`${this.#options.server}${url}`, init));
  }

  #identity(): Record<string, string> {
    return { authorization: `Bearer ${this.#options.token}` };
  }

  async #reach(url: string, init: RequestInit): Promise<Response> {
    for (let attempt = 1; attempt < attempts; attempt += 1) {
      try {
        return await this.#once(url, init);
      } catch {
        await this.#options.pause(pauseMs * attempt);
      }
    }
    return this.#once(url, init);
  }

  #once(url: string, init: RequestInit): Promise<Response> {
    return this.#options.fetch(url, { ...init, signal: AbortSignal.timeout(timeoutMs) }).catch(() => {
      throw new Problem('network', 0);
    });
  }
}

function path(id: string, rest?: string): string {
  return `/v1/sessions/${encodeURIComponent(id)}${rest === undefined ? '' : `/${rest}`}`;
}

async function read(response: Response): Promise<unknown> {
  const answer: unknown = await response.json().catch(() => undefined);
  if (response.ok) return answer;
  const { code } = (answer ?? {}) as { code?: unknown };
  throw new Problem(
    typeof code === 'string' ? code : response.status === 401 ? 'unauthenticated' : '',
    response.status,
  );
}
