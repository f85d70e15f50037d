const isFold = (code: number): boolean => code === 0x20 || code === 0x09;

/**
 * The lines of a head, one after the other, without the empty ones. Folded lines are joined (RFC 3261 §7.3.1: white space at the
 * start of a line continues the one before, which may be any but the first).
 */
export class HeadLines {
  /** The line stands in `text` between these places. */
  text = '';
  from = 0;
  to = 0;
  readonly #whole: string;
  readonly #limit: number;
  #read = 0;
  #isFirst = true;
  /** Where to look for the next line of the text; -1 when there is none. */
  #at = 0;
  /** The line behind the present one, as it stands in the text; -1 when there is none. */
  #nextFrom = -1;
  #nextTo = -1;

  /** @param limit of lines before they are joined; what follows is not read. */
  constructor(whole: string, limit: number) {
    this.#whole = whole;
    this.#limit = limit;
    this.#look();
  }

  /** Whether there are more than the limit. */
  get cut(): boolean {
    return this.#read === this.#limit && this.#at !== -1;
  }

  /** Moves to the next line; false after the last. */
  next(): boolean {
    if (this.#nextFrom === -1) return false;
    this.text = this.#whole;
    this.from = this.#nextFrom;
    this.to = this.#nextTo;
    this.#look();
    if (this.#isFirst) this.#isFirst = false;
    else if (this.#nextFrom !== -1 && isFold(this.#whole.charCodeAt(this.#nextFrom))) this.#unfold();
    return true;
  }

  #unfold(): void {
    let line = this.#whole.slice(this.from, this.to);
    do {
      line += ` ${this.#whole.slice(this.#nextFrom, this.#nextTo).trim()}`;
      this.#look();
    } while (this.#nextFrom !== -1 && isFold(this.#whole.charCodeAt(this.#nextFrom)));
    this.text = line;
    this.from = 0;
    this.to = line.length;
  }

  #look(): void {
    const whole = this.#whole;
    this.#nextFrom = -1;
    while (this.#at !== -1 && this.#read < this.#limit) {
      const from = this.#at;
      const end = whole.indexOf('\n', from);
      this.#read += 1;
      this.#at = end === -1 ? -1 : end + 1;
      let to = end === -1 ? whole.length : end;
      if (to > from && whole.charCodeAt(to - 1) === 0x0d) to -= 1;
      if (to > from) {
        this.#nextFrom = from;
        this.#nextTo = to;
        return;
      }
    }
  }
}
