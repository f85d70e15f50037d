const letters: Readonly<Record<string, string>> = {
  '2': 'ABC',
  '3': 'DEF',
  '4': 'GHI',
  '5': 'JKL',
  '6': 'MNO',
  '7': 'PQRS',
  '8': 'TUV',
  '9': 'WXYZ',
  '0': '+',
};
const keys = ['1', '2', '3', '4', '5', '6', '7', '8', '9', '*', '0', '#'];
const downMs = 120;

/** A phone's keypad of real buttons, and the same keys of the keyboard as long as nobody types a text. */
export class Keypad {
  readonly #buttons = new Map<string, HTMLButtonElement>();
  readonly #pressed: (key: string) => void;

  constructor(place: HTMLElement, pressed: (key: string) => void) {
    this.#pressed = pressed;
    for (const key of keys) this.#buttons.set(key, this.#button(place, key));
    window.addEventListener('keydown', (event) => {
      if (event.repeat || event.ctrlKey || event.metaKey || event.altKey || typing(event)) return;
      if (this.#buttons.has(event.key)) this.press(event.key);
    });
  }

  enable(enabled: boolean): void {
    for (const button of this.#buttons.values()) button.disabled = !enabled;
  }

  /** Presses a key as a finger would; harmless while the keypad is not enabled. */
  press(key: string): void {
    const button = this.#buttons.get(key);
    if (button === undefined || button.disabled) return;
    button.classList.add('down');
    setTimeout(() => button.classList.remove('down'), downMs);
    this.#pressed(key);
  }

  #button(place: HTMLElement, key: string): HTMLButtonElement {
    const button = document.createElement('button');
    button.type = 'button';
    button.dataset['key'] = key;
    const digit = document.createElement('span');
    digit.textContent = key;
    const small = document.createElement('small');
    small.textContent = letters[key] ?? '';
    small.setAttribute('aria-hidden', 'true');
    button.append(digit, small);
    button.addEventListener('click', () => this.press(key));
    place.append(button);
    return button;
  }
}

/** True where the key belongs to a text field, also inside the panel's shadow tree. */
function typing(event: KeyboardEvent): boolean {
  const target = event.composedPath()[0];
  return target instanceof HTMLElement && target.matches('input, select, textarea');
}
