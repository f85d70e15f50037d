/** What `GET /v1/demo` says. */
export interface DemoState {
  readonly customer: { readonly state: 'idle' | 'calling' | 'talking' };
  /** `ear`: what the agent's phone hears now; `eventPackets`: of telephone-event, in this call. */
  readonly agent: { readonly ear?: 'nothing' | 'silence' | 'voice' | 'tone'; readonly eventPackets?: number };
}

/** The demo's side of the gateway: presses the simulated customer's buttons. */
export class DemoApi {
  readonly #token: string;
  #lastPress: Promise<void> = Promise.resolve();

  constructor(token: string) {
    this.#token = token;
  }

  async state(): Promise<DemoState> {
    const response = await fetch('/v1/demo', { headers: this.#headers() });
    if (!response.ok) throw new Error(`demo ${response.status}`);
    return (await response.json()) as DemoState;
  }

  act(action: 'call' | 'hangUp'): Promise<void> {
    return this.#post('/v1/demo/customer', { action });
  }

  /** One key after the other: two requests at once could overtake each other. */
  press(key: string): Promise<void> {
    const press = this.#lastPress.then(() => this.#post('/v1/demo/customer/keys', { key }));
    this.#lastPress = press.catch(() => undefined);
    return press;
  }

  async #post(path: string, body: unknown): Promise<void> {
    const headers = { ...this.#headers(), 'content-type': 'application/json', 'idempotency-key': crypto.randomUUID() };
    const response = await fetch(path, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!response.ok) throw new Error(`demo ${response.status}`);
  }

  #headers(): Record<string, string> {
    return { authorization: `Bearer ${this.#token}` };
  }
}
