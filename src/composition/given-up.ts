/** That this gateway was given up for dead, and another has what it had: happens once, and is told to whoever asks, also later. */
export class GivenUp {
  #happened = false;
  #leave: () => void = () => undefined;

  /** @param first what is done at once, whoever asks. */
  constructor(book: { onLost(lost: () => void): void }, first: () => void) {
    book.onLost(() => {
      this.#happened = true;
      first();
      this.#leave();
    });
  }

  /** `leave` is called when it happens, or now if it has. */
  tell(leave: () => void): void {
    if (this.#happened) leave();
    else this.#leave = leave;
  }
}
