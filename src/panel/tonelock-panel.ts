import { nothing } from 'lit/html.js';
import type { SessionView } from '../payment/session-view.ts';
import type { Saying } from '../shared/saying.ts';
import type { CallView } from '../telephony/call-view.ts';
import { spoken } from './announcement.ts';
import { after, browserPorts, newKey } from './browser-ports.ts';
import { Commands, type Details, type HouseWords } from './commands.ts';
import { Connection } from './connection.ts';
import { DetailsEditor } from './details-editor.ts';
import { DrawnElement } from './drawn-element.ts';
import type { Frame } from './frame.ts';
import { LastWords } from './last-words.ts';
import type { Messages } from './messages/en.ts';
import { type Language, loadMessages, messagesOf, pickLanguage } from './messages/language.ts';
import { type ActionsHost, loadHistory, panelActions } from './panel-actions.ts';
import { callInView, emptyState, type PanelState, reduce, sessionInView } from './panel-state.ts';
import { codeOf, Problem } from './problem.ts';
import { needsAnnex, sayingOf } from './step.ts';
import { cardStyles } from './styles/card.ts';
import { controls } from './styles/controls.ts';
import { layout } from './styles/layout.ts';
import { outcomeStyles } from './styles/outcome.ts';
import { sayLineStyles } from './styles/say-line.ts';
import { tokens } from './styles/tokens.ts';
import { holdsCardNumber } from './typed-card-number.ts';
import { panelView } from './views/panel-view.ts';
import { type Annex, initialLocal, type LocalState, type Scene } from './views/scene.ts';

/**
 * `<tonelock-panel token="…">`: the agent's side of a secure payment, for any page of any desktop. It keeps nothing: what
 * it shows comes from the server's events, and after a reload it is what it was.
 *
 * Attributes: `server` (an origin; default: the page's own), `token`, `call-id` (default: the only call, or the one that
 * the agent picks), `lang` (`en` or `ja`; default: the browser's), `theme` (`light` or `dark`; default: the system's).
 * Property `sayings`: what to say at each step, by its key, before what the server's configuration has; an empty text says nothing.
 * Event `tonelock`: every frame of the server, masked as it came, as `detail`.
 */
export class TonelockPanel extends DrawnElement {
  static readonly observedAttributes = ['server', 'token', 'call-id', 'lang'];

  #server = '';
  #token = '';
  #callId: string | null = null;
  #sayings: Partial<Record<Saying, string>> = {};
  #state: PanelState = emptyState;
  #local: LocalState = initialLocal;
  #spoken = '';
  /** The session that was shown last. */
  #shown = '';
  readonly #lastWords = new LastWords({
    ask: async (shown) => (await this.#loadAnnex()).recall(shown, this.#commands),
    closed: (session) => this.#apply({ type: 'recalled', session }),
  });
  #annex: Annex | undefined;
  #words: HouseWords | undefined;
  #connection: Connection | undefined;
  #commands: Commands | undefined;
  readonly #editor: DetailsEditor;
  readonly #actions;
  readonly #recheck = (): void => this.#connection?.recheck();

  constructor() {
    super(tokens + controls + layout + sayLineStyles + cardStyles + outcomeStyles);
    this.#editor = new DetailsEditor({
      // Also while nothing is connected: what was typed goes to the session that was shown, and is tried again.
      send: async (details) => this.#commands?.changeDetails(this.#shown, details),
      after,
      changed: () => void this.redraw(),
      refused: (error) => void this.#fail(error),
    });
    this.#actions = panelActions(this.#host());
    this.adopt('server', 'token', 'callId', 'sayings');
  }

  get server(): string {
    return this.#server;
  }
  set server(origin: string) {
    this.#server = origin;
    this.#connect();
  }

  get token(): string {
    return this.#token;
  }
  set token(token: string) {
    this.#token = token;
    this.#connect();
  }

  get callId(): string | null {
    return this.#callId;
  }
  set callId(callId: string | null) {
    this.#callId = callId;
    void this.redraw();
  }

  get sayings(): Partial<Record<Saying, string>> {
    return this.#sayings;
  }
  set sayings(sayings: Partial<Record<Saying, string>>) {
    this.#sayings = sayings;
    void this.redraw();
  }

  attributeChangedCallback(name: string, _before: string | null, now: string | null): void {
    if (name === 'server') this.server = now ?? '';
    else if (name === 'token') this.token = now ?? '';
    else if (name === 'call-id') this.callId = now;
    else void this.redraw();
  }

  connectedCallback(): void {
    for (const name of ['online', 'offline', 'focus'] as const) window.addEventListener(name, this.#recheck);
    this.#connect();
    void this.redraw();
  }

  disconnectedCallback(): void {
    for (const name of ['online', 'offline', 'focus'] as const) window.removeEventListener(name, this.#recheck);
    this.#connection?.stop();
    this.#connection = undefined;
    this.#state = emptyState;
  }

  /**
   * What a desktop may do from outside. `open` shows a payment that is open already; `close` cancels one in progress, and is not
   * asked about. Resolves when the server has taken it; rejects with a {@link Problem}.
   */
  async command(name: 'open' | 'prefill' | 'hide' | 'restore' | 'close', details: Details = {}): Promise<void> {
    const { call, session } = this.#inView();
    if (Object.values(details).some((value) => holdsCardNumber(String(value)))) throw new Problem('bad-detail', 0);
    if (name === 'hide' || name === 'restore' || (name === 'open' && session)) this.#set({ hidden: name === 'hide' });
    else if (name === 'open') await this.#commands?.open(call?.callId ?? '', details);
    else if (session === undefined) throw new Problem('session-closed', 0);
    else
      await (name === 'close' ? this.#commands?.close(session.id) : this.#commands?.changeDetails(session.id, details));
  }

  /** A button that did its work vanishes with its screen; the focus then goes on to the next thing to do. */
  protected override drawn(focusWasInside: boolean): void {
    if (!focusWasInside || this.root.activeElement !== null) return;
    this.root.querySelector<HTMLElement>('[data-focus]:not(:disabled)')?.focus();
  }

  protected override draw(): unknown {
    const m = messagesOf(this.#language());
    if (m !== undefined) return panelView(this.#scene(m), this.#spoken);
    void loadMessages(this.#language()).then(() => this.redraw());
    return nothing;
  }

  #language(): Language {
    return pickLanguage(this.lang === '' ? navigator.languages : [this.lang]);
  }

  #connect(): void {
    this.#connection?.stop();
    this.#connection = undefined;
    if (this.token === '' || !this.isConnected) return;
    const server = this.server === '' ? window.location.origin : this.server.replace(/\/$/, '');
    const commands = new Commands({
      server,
      token: this.token,
      fetch: (input, init) => fetch(input, init),
      newKey,
      pause: (ms) => new Promise((resolve) => after(ms, () => resolve())),
    });
    this.#commands = commands;
    this.#connection = new Connection(browserPorts(server, this.token, commands), {
      link: (link) => this.#apply({ type: 'link', link }),
      frame: (frame) => this.#take(frame),
    });
  }

  #take(frame: Frame): void {
    const before = this.#inView();
    this.#apply({ type: 'frame', frame });
    if (frame.type === 'snapshot') void this.#learnWords().catch(() => undefined);
    const { session } = this.#inView();
    // A cut in between changes nothing: what the agent was typing is still there when the same session comes back.
    const other = session !== undefined && session.id !== this.#shown;
    if (other || frame.type === 'session.closed') this.#leaveSession();
    else if (session !== undefined && session.psp !== (before.session ?? session).psp) this.#editor.reset();
    if (session !== undefined) this.#editor.settle(session.details);
    const told = session ?? this.#state.sessions[this.#state.afterword ?? ''];
    if (told !== undefined && needsAnnex(told)) void this.#loadAnnex().catch(() => undefined);
    this.#shown = session?.id ?? this.#shown;
    this.#lastWords.take(frame, told);
    const m = messagesOf(this.#language());
    if (m !== undefined && session !== undefined)
      this.#spoken = spoken(frame, before.session, session, m) ?? this.#spoken;
    if (frame.type === 'payment.resolved') this.#set({ resolved: frame.answer });
    if (frame.type === 'payment.authorising') this.#set({ resolved: null });
    if (frame.type.startsWith('payment.') && this.#local.history !== null) void loadHistory(this.#host());
    this.dispatchEvent(new CustomEvent('tonelock', { detail: frame, bubbles: true, composed: true }));
  }

  /** At each connection: a server that was started anew may have others. */
  async #learnWords(): Promise<void> {
    this.#words = await this.#commands?.words();
    const { audio = 'mute' } = this.#words ?? {};
    if (audio !== 'mute') await this.#loadAnnex();
    void this.redraw();
  }

  async #loadAnnex(): Promise<Annex> {
    const { annex } = await import('./annex/annex.ts');
    this.#annex = annex;
    this.wear(annex.styles);
    void this.redraw();
    return annex;
  }

  /** The words come first where they can be had: a listener is told once. */
  async #fail(error: unknown): Promise<void> {
    const problem = codeOf(error);
    if (problem !== 'network') await this.#loadAnnex().catch(() => undefined);
    this.#set({ problem });
  }

  #apply(event: Parameters<typeof reduce>[1]): void {
    this.#state = reduce(this.#state, event);
    void this.redraw();
  }

  /** What was half typed or unfolded belonged to the payment that is gone. */
  #leaveSession(): void {
    this.#editor.reset();
    const { chosenCall, busy } = this.#local;
    this.#set({ ...initialLocal, chosenCall, busy });
  }

  #set(change: Partial<LocalState>): void {
    this.#local = { ...this.#local, ...change };
    void this.redraw();
  }

  #inView(): { call: CallView | undefined; session: SessionView | undefined } {
    const call = callInView(this.#state, this.callId, this.#local.chosenCall);
    return { call, session: sessionInView(this.#state, call, this.callId) };
  }

  #scene(plain: Messages): Scene {
    const { call, session } = this.#inView();
    const key = sayingOf(session);
    const language = this.#language();
    const m = this.#annex?.trueWords(language, this.#words?.audio, plain) ?? plain;
    const said = this.sayings[key] ?? this.#words?.sayings[language][key];
    return {
      m,
      language,
      state: this.#state,
      call,
      session,
      local: this.#local,
      editor: this.#editor,
      act: this.#actions,
      annex: this.#annex,
      mayTake: this.#words?.mayTakePayments !== false,
      searchField: this.#words?.searchField,
      saying: said ?? m[key],
    };
  }

  #host(): ActionsHost {
    return {
      commands: () => this.#commands,
      local: () => this.#local,
      inView: () => this.#inView(),
      editor: this.#editor,
      set: (change) => this.#set(change),
      switchLanguage: () => {
        this.lang = this.#language() === 'ja' ? 'en' : 'ja';
      },
      jump: (field, unfold) => void this.#jump(field, unfold),
      fail: (error) => this.#fail(error),
      annex: () => this.#loadAnnex(),
    };
  }

  async #jump(field: string, unfold: Partial<LocalState> = {}): Promise<void> {
    this.#set({ ...unfold, pointed: field });
    await this.redraw();
    const target = this.root.getElementById(field);
    target?.scrollIntoView({ block: 'center' });
    target?.focus();
  }
}

if (customElements.get('tonelock-panel') === undefined) customElements.define('tonelock-panel', TonelockPanel);

declare global {
  interface HTMLElementTagNameMap {
    'tonelock-panel': TonelockPanel;
  }
}
