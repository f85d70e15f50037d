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

  state(): Promise<DemoState> {
    return this.#get('/v1/demo');
  }

  /** What the agent's phone has heard after packet number `after`, in base64. */
  agentHears(after: number): Promise<{ last: number; sound: string }> {
    return this.#get(`/v1/demo/agent/ear/${after}`);
  }

  act(action: 'call' | 'hangUp'): Promise<void> {
    return this.#post('/v1/demo/customer', { action });
  }

  /** One key after the other: two requests at once could overtake each other. */
  press(key: string, way: 'events' | 'tones'): Promise<void> {
    const press = this.#lastPress.then(() => this.#post('/v1/demo/customer/keys', { key, way }));
    this.#lastPress = press.catch(() => undefined);
    return press;
  }

  async #get<T>(path: string): Promise<T> {
    const response = await fetch(path, { headers: this.#headers() });
    if (!response.ok) throw new Error(`demo ${response.status}`);
    return (await response.json()) as T;
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
