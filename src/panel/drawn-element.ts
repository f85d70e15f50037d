import { render } from 'lit/html.js';

/** Longer than a press takes: a pointer that goes up elsewhere clicks nothing. */
const pressMostMs = 1000;

/**
 * An element that draws itself into a shadow tree by lit-html: once a turn, however often it is asked to. Lit's own base
 * class does the same and much that this panel has no use for, at a tenth of what the panel may weigh.
 */
export abstract class DrawnElement extends HTMLElement {
  readonly #root: ShadowRoot;
  readonly #worn = new Set<string>();
  #drawing: Promise<void> | undefined;
  /** Over when nothing is being pressed. */
  #press: Promise<unknown> = Promise.resolve();

  /** @param styles one style sheet; built by script, so it needs no exception in a page's policy. */
  constructor(styles: string) {
    super();
    this.#root = this.attachShadow({ mode: 'open' });
    this.#root.addEventListener('pointerdown', () => this.#hold());
    this.wear(styles);
  }

  /** Styles that come later; the same ones twice are once. */
  protected wear(styles: string): void {
    if (this.#worn.has(styles)) return;
    this.#worn.add(styles);
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(styles);
    this.#root.adoptedStyleSheets.push(sheet);
  }

  /** What is to be drawn now; anything that lit-html takes. */
  protected abstract draw(): unknown;

  /** Called after each drawing. */
  protected abstract drawn(focusWasInside: boolean): void;

  protected get root(): ShadowRoot {
    return this.#root;
  }

  /** Resolves when what has changed until now is on the screen. */
  protected redraw(): Promise<void> {
    this.#drawing ??= this.#press.then(() => {
      this.#drawing = undefined;
      const inside = this.#root.activeElement !== null;
      render(this.draw(), this.#root);
      this.drawn(inside);
    });
    return this.#drawing;
  }

  /** What is pressed stays where it is until it was clicked: a button that moves away meanwhile gets no click. */
  #hold(): void {
    this.#press = new Promise((done) => {
      setTimeout(done, pressMostMs);
      for (const end of ['click', 'pointercancel']) this.#root.addEventListener(end, done, { once: true });
    });
  }

  /** A page may have set a property before this class was loaded: it then hides the accessor of the same name. */
  protected adopt(...names: readonly (keyof this)[]): void {
    for (const name of names) {
      if (!Object.hasOwn(this, name)) continue;
      const value = this[name];
      delete this[name];
      this[name] = value;
    }
  }
}
