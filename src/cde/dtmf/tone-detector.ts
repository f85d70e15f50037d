import type { KeyCode } from './key-code.ts';
import { ToneFit } from './tone-fit.ts';
import { ToneHighpass } from './tone-highpass.ts';
import { ToneHold } from './tone-hold.ts';
import { isKey } from './tone-judge.ts';
import { keyOfTones, toneHz } from './tone-plan.ts';
import { blockSamples, ToneScreen } from './tone-screen.ts';

/** A tone this long is a key: Q.24 wants 23 ms ignored and 40 ms heard. 27.5 ms. */
const keySamples = 220;
/** What is fitted before the decision: all of that but its edge. 26 ms. */
const fitSamples = 208;
/** The beginning of a tone is looked for this far back. 60 ms. */
const lookBack = 480;
/** Estimates of a beginning differ by so much: half a millisecond. */
const startSlack = 4;
/** Filtered sound that is kept, and what of it outlives a slide. */
const soundKept = 4096;
const soundCarried = 640;

export interface ToneDetectorOptions {
  /** A key, once a press, as soon as it is certain. `startSample` counts from the first sample that was fed. */
  readonly onTone: (key: KeyCode, startSample: number) => void;
  /** The end of the same press; `endSample` is the one after its last. */
  readonly onEnd?: (key: KeyCode, endSample: number) => void;
}

/**
 * Finds the keys of ITU-T Q.23 in 8 kHz sound. A cheap screen looks at every 5 ms; what it lets through is fitted by two
 * sinusoids 27.5 ms after its beginning and judged (see `tone-judge.ts`); a key that was found is followed to its end.
 */
export class ToneDetector {
  readonly #onTone: (key: KeyCode, startSample: number) => void;
  readonly #onEnd: (key: KeyCode, endSample: number) => void;
  readonly #highpass = new ToneHighpass();
  readonly #screen = new ToneScreen();
  readonly #fit = new ToneFit();
  readonly #hold = new ToneHold();
  readonly #sound = new Float64Array(soundKept);
  /** Where the next sample goes in `#sound`, and its number since the beginning. */
  #at = soundCarried;
  #now = 0;
  #inBlock = 0;
  /** Tones that the screen sees and that wait for their fit, at sample `#due`; no row, no candidate. */
  #row = -1;
  #column = -1;
  #due = 0;
  /** The key that is held down. */
  #held: KeyCode | undefined;

  constructor(options: ToneDetectorOptions) {
    this.#onTone = options.onTone;
    this.#onEnd = options.onEnd ?? (() => undefined);
  }

  /** Feeds the first `count` of `samples`, which are linear, 16 bits, 8 kHz. */
  feed(samples: Int16Array, count: number): void {
    let done = 0;
    while (done < count) {
      let step = Math.min(count - done, blockSamples - this.#inBlock);
      if (this.#row >= 0 && this.#due > this.#now) step = Math.min(step, this.#due - this.#now);
      if (this.#at + step > soundKept) this.#slide();
      this.#highpass.run(samples, done, step, this.#sound, this.#at);
      this.#at += step;
      this.#now += step;
      this.#inBlock += step;
      done += step;
      if (this.#inBlock === blockSamples) {
        this.#inBlock = 0;
        this.#block();
      }
      if (this.#row >= 0 && this.#now >= this.#due) this.#decide();
    }
  }

  /** The sound is over: reports the end of a key that is still held down. */
  end(): void {
    if (this.#held !== undefined) this.#release(this.#hold.gone ? this.#hold.end : this.#now);
  }

  /** Forgets everything, the key that is held down too: no end is reported for it. */
  reset(): void {
    this.#highpass.reset();
    this.#screen.reset();
    this.#sound.fill(0);
    this.#at = soundCarried;
    this.#now = 0;
    this.#inBlock = 0;
    this.#row = -1;
    this.#column = -1;
    this.#held = undefined;
  }

  #slide(): void {
    this.#sound.copyWithin(0, this.#at - soundCarried, this.#at);
    this.#at = soundCarried;
  }

  #block(): void {
    const screen = this.#screen;
    screen.take(this.#sound, this.#at - blockSamples);
    if (this.#held !== undefined && this.#hold.take(screen, this.#now) === 'over') this.#release(this.#hold.end);
    if (!screen.open || this.#isHeld(screen.row, screen.column)) {
      this.#row = -1;
      return;
    }
    if (screen.row === this.#row && screen.column === this.#column) return;
    this.#row = screen.row;
    this.#column = screen.column;
    this.#due = this.#now - screen.age(screen.row, screen.column) + keySamples;
  }

  /** Whether the two tones are the key that is down at present. */
  #isHeld(row: number, column: number): boolean {
    return this.#held !== undefined && !this.#hold.gone && this.#held === keyOfTones(row, column);
  }

  #decide(): void {
    const row = this.#row;
    const column = this.#column;
    const fit = this.#fit;
    const from = this.#at - fitSamples;
    const rowHz = (toneHz[row] as number) + this.#screen.offsetHz(row, 4);
    const columnHz = (toneHz[column] as number) + this.#screen.offsetHz(column, 4);
    fit.fit(this.#sound, from, fitSamples, rowHz, columnHz, 2);
    if (!isKey(fit, row, column, fitSamples)) {
      this.#due = this.#now + blockSamples;
      return;
    }
    const start = this.#now - this.#at + fit.start(this.#sound, this.#at - lookBack, from + fitSamples / 2);
    if (this.#now - start < keySamples - startSlack) {
      this.#due = start + keySamples;
      return;
    }
    this.#row = -1;
    this.#press(keyOfTones(row, column), start, row, column);
  }

  #press(key: KeyCode, start: number, row: number, column: number): void {
    if (this.#held === key && this.#hold.reaches(start)) {
      this.#hold.resume();
      return;
    }
    if (this.#held !== undefined) this.#release(this.#hold.gone ? this.#hold.end : Math.max(0, start));
    this.#held = key;
    this.#hold.begin(row, column, this.#fit);
    this.#onTone(key, Math.max(0, start));
  }

  #release(end: number): void {
    const key = this.#held;
    this.#held = undefined;
    if (key !== undefined) this.#onEnd(key, end);
  }
}
