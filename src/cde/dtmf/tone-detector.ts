import { decodeForKernel } from './code-words.ts';
import type { KeyCode } from './key-code.ts';
import { blockSamples } from './tone-block.ts';
import { ToneFit } from './tone-fit.ts';
import { filterSound, keepSamples, soundEnd, takeNewestBlock } from './tone-history.ts';
import { ToneHold } from './tone-hold.ts';
import { type CleanFit, isKey } from './tone-judge.ts';
import { arriving, kernelSamples, samplesAt } from './tone-kernel.ts';
import { TonePieces } from './tone-pieces.ts';
import { keyOfTones } from './tone-plan.ts';
import { ToneScreen } from './tone-screen.ts';
import { keySense, type ToneSense } from './tone-sense.ts';
import { ToneShare } from './tone-share.ts';

/** The screen must have seen the tones for so long, or no fit is worth its cost. 7.5 ms. */
const seenSamples = 60;
/** The beginning of a tone is looked for this far back. 60 ms. */
const lookBack = 480;
/** The first estimate of a beginning may be wrong by so much, and the decision stands: 1.5 ms. */
const startSlack = 12;
/** How a decision is fitted, and how a piece, which has less sound to tell by and so must be cleaner: 14 dB over noise. */
const decisionFit = { blocks: 4, refinements: 2 };
const pieceFit = { blocks: 6, refinements: 4, restMax: 0.04 };
/** So many samples of a stretch for each whole block in it, and the share of the energy that the two tones must have in those blocks. */
const fitPerBlock = 52;
const worthAFit = 0.5;
/** Parts are taken from a tone that jumps in phase: 13 ms. */
const partSamples = 104;
/** The shortest stretch of tone that is worth a fit, and what is left out of one at each end. */
const pieceMin = 88;
const pieceEdge = 4;
/** A block with less than this share of the energy of a piece is silence after it: a packet that is missing. */
const silentShare = 0.01;
/** Lost sound that one call may be told of; longer losses are silence. */
export const lostSamplesMax = 960;
/** Of lost sound so much counts as silence, since it may have been the pause between two presses: one packet. */
const lostSilence = 160;
const silence = new Int16Array(lostSamplesMax);
/** One for all detectors: they are fed one after another. */
const fit = new ToneFit();
const share = new ToneShare();

export interface ToneDetectorOptions {
  /** A key, once a press, as soon as it is certain. `startSample` counts from the first sample that was fed. */
  readonly onTone: (key: KeyCode, startSample: number) => void;
  /** The end of the same press; `endSample` is the one after its last. */
  readonly onEnd?: (key: KeyCode, endSample: number) => void;
  readonly sense?: ToneSense;
}

/**
 * Finds the keys of ITU-T Q.23 in 8 kHz sound. A cheap screen looks at every 5 ms; what it lets through is fitted by two
 * sinusoids 27.5 ms after its beginning and judged (see `tone-judge.ts`); a key that was found is followed to its end.
 */
export class ToneDetector {
  readonly #onTone: (key: KeyCode, startSample: number) => void;
  readonly #onEnd: (key: KeyCode, endSample: number) => void;
  readonly #screen = new ToneScreen();
  readonly #hold = new ToneHold();
  readonly #pieces = new TonePieces();
  /** Number of the next sample since the beginning. */
  #now = 0;
  #inBlock = 0;
  /** Blocks that ended in the last {@link feed}. */
  #blocksFed = 0;
  /** Tones that the screen sees and that wait for their fit, at sample `#due`; no row, no candidate. */
  #row = -1;
  #column = -1;
  #due = 0;
  /** The key that is held down, and the one before it, which may still echo. */
  #held: KeyCode | undefined;
  #last: KeyCode | undefined;
  readonly #sense: ToneSense;
  /** Of the loss that is being fed, what may have held the tone. */
  #doubt = 0;

  constructor(options: ToneDetectorOptions) {
    this.#sense = options.sense ?? keySense;
    this.#onTone = options.onTone;
    this.#onEnd = options.onEnd ?? (() => undefined);
  }

  /**
   * Whether two tones of a key have that share (0–1) of the energy of one of the stretches of 10 ms that ended in the last
   * {@link feed}, one every 5 ms, or of the last 10 ms. For muting on suspicion, before a key is certain.
   */
  twoTonesReach(least: number): boolean {
    share.look(this.#screen, this.#blocksFed, this.#inBlock);
    return share.found >= least;
  }

  /** The key that is down and sounds at the end of what was fed. */
  get sounding(): KeyCode | undefined {
    return this.#hold.gone ? undefined : this.#held;
  }

  /** Whether what was fed last may be the beginning of a key. */
  get suspects(): boolean {
    return this.#row >= 0;
  }

  /** Samples that were fed. */
  get fed(): number {
    return this.#now;
  }

  /**
   * Sound that never came: time goes on in silence, but a key that is down is given the benefit of the doubt, for as long
   * as the loss is longer than a pause between two presses may be.
   */
  lose(count: number): void {
    const samples = Math.min(count, lostSamplesMax);
    this.#doubt = Math.max(0, samples - lostSilence);
    if (this.#held !== undefined) this.#hold.forgive(this.#doubt);
    this.feed(silence, samples);
    this.#doubt = 0;
  }

  /** Feeds `count` of `samples`, which are linear, 16 bits, 8 kHz. */
  feed(samples: Int16Array, count: number, from = 0): void {
    this.#blocksFed = 0;
    for (let done = 0; done < count; done += kernelSamples) {
      const length = Math.min(kernelSamples, count - done);
      for (let n = 0; n < length; n += 1) arriving[n] = samples[from + done + n] as number;
      this.#take(length);
    }
  }

  /** Feeds `count` code words of G.711 at `from`; `table` decodes them. */
  feedG711(table: Int16Array, bytes: Uint8Array, count: number, from: number): void {
    this.#blocksFed = 0;
    for (let done = 0; done < count; done += kernelSamples) {
      const length = Math.min(kernelSamples, count - done);
      decodeForKernel(table, bytes, from + done, length);
      this.#take(length);
    }
  }

  /** The sound is over: reports the end of a key that is still held down. */
  end(): void {
    if (this.#held !== undefined) this.#release(this.#hold.gone ? this.#hold.end : this.#now);
  }

  /** Forgets everything, the key that is held down too: no end is reported for it. */
  reset(): void {
    this.#screen.reset();
    this.#pieces.forget();
    this.#now = 0;
    this.#inBlock = 0;
    this.#blocksFed = 0;
    this.#row = -1;
    this.#held = undefined;
    this.#last = undefined;
  }

  /** Takes the first `count` of the samples that came. */
  #take(count: number): void {
    const screen = this.#screen;
    if (screen.place === 0) screen.settle();
    let done = 0;
    // Whoever is told of a key may reset this.
    while (done < count && screen.place !== 0) {
      let step = Math.min(count - done, blockSamples - this.#inBlock);
      if (this.#row >= 0 && this.#due > this.#now) step = Math.min(step, this.#due - this.#now);
      if (step === blockSamples) {
        // Where nobody waits for anything, no block matters before one that may open the screen.
        const calm = this.#row < 0 && this.#held === undefined;
        const blocks = screen.take(samplesAt + 2 * done, calm ? Math.trunc((count - done) / blockSamples) : 1);
        step = blocks * blockSamples;
        this.#now += step;
        this.#blocksFed += blocks;
        if (!calm || screen.open) this.#block();
      } else {
        keepSamples(screen.place, done, step);
        this.#now += step;
        this.#inBlock += step;
        if (this.#inBlock === blockSamples) {
          this.#inBlock = 0;
          this.#blocksFed += 1;
          screen.take(takeNewestBlock(screen.place), 1);
          this.#block();
        }
      }
      done += step;
      if (this.#row >= 0 && this.#now >= this.#due) this.#decide();
    }
  }

  #block(): void {
    const screen = this.#screen;
    if (this.#held !== undefined && this.#hold.take(screen, this.#now) === 'over') this.#release(this.#hold.end);
    // The key that is down already is no other.
    if (screen.open && this.#held !== keyOfTones(screen.row, screen.column)) {
      if (screen.row === this.#row && screen.column === this.#column) return;
      this.#row = screen.row;
      this.#column = screen.column;
      screen.measure(this.#row, this.#column);
      this.#due = this.#now + Math.max(seenSamples, this.#sense.keySamples - screen.spanStart);
      return;
    }
    if (this.#row >= 0 && !screen.open) this.#keepPiece();
    this.#row = -1;
  }

  #decide(): void {
    const row = this.#row;
    const column = this.#column;
    const { keySamples, fitSamples } = this.#sense;
    const from = soundEnd - fitSamples;
    if (!this.#isKey(row, column, from, fitSamples, decisionFit, this.#sense, true)) {
      this.#due = this.#now + blockSamples;
      this.#keepPart();
      return;
    }
    const latest = from + fitSamples / 4;
    filterSound(this.#screen.place, lookBack);
    const start = this.#now - soundEnd + fit.start(soundEnd - lookBack, latest);
    if (this.#now - start < keySamples - startSlack) {
      this.#due = start + keySamples;
      return;
    }
    this.#row = -1;
    const key = keyOfTones(row, column);
    this.#press(key, this.#pieces.precede(key, start) ? this.#pieces.start : start, row, column);
  }

  /** Whether the stretch at `from` is a key; with `newest` it goes up to now, and the screen can say whether it is worth a fit. */
  #isKey(
    row: number,
    column: number,
    from: number,
    count: number,
    how: typeof decisionFit,
    clean: CleanFit,
    newest: boolean,
  ): boolean {
    const screen = this.#screen;
    screen.findTones(row, column, how.blocks);
    if (newest && !screen.areThere(row, column, Math.floor(count / fitPerBlock), worthAFit)) return false;
    fit.aim(screen.foundHz);
    filterSound(screen.place, soundEnd - from);
    fit.fit(from, count, how.refinements);
    return isKey(fit, row, column, count, clean, this.#sense.limits);
  }

  /** The tones broke off before they were a key. If silence follows, a packet may be missing and the rest still come. */
  #keepPiece(): void {
    const screen = this.#screen;
    if (screen.energyOf(0) > silentShare * screen.energyOf(2)) return;
    screen.measure(this.#row, this.#column);
    const count = Math.min(this.#sense.fitSamples, (screen.spanStart - screen.spanEnd - 2 * pieceEdge) & ~1);
    if (count < pieceMin) return;
    const from = soundEnd - screen.spanStart + pieceEdge;
    if (!this.#isKey(this.#row, this.#column, from, count, pieceFit, pieceFit, false)) return;
    this.#addPiece(this.#now - screen.spanStart, this.#now - screen.spanEnd, true);
  }

  /**
   * The tones are there but do not fit as a whole. Where a lost packet was filled with the one before it they jump in
   * phase every 20 ms, and what lies between two jumps fits by itself.
   */
  #keepPart(): void {
    if (this.#pieces.reach(this.#now - partSamples)) return;
    const from = soundEnd - partSamples;
    if (!this.#isKey(this.#row, this.#column, from, partSamples, pieceFit, pieceFit, true)) return;
    filterSound(this.#screen.place, 2 * partSamples);
    const start = fit.start(from - partSamples, from + partSamples / 4);
    this.#addPiece(this.#now - soundEnd + start, this.#now, false);
  }

  #addPiece(start: number, end: number, broken: boolean): void {
    const key = keyOfTones(this.#row, this.#column);
    if (!this.#pieces.add(key, start, end)) return;
    this.#press(key, this.#pieces.start, this.#row, this.#column);
    this.#row = -1;
    if (broken && this.#held === key) this.#hold.lose(end);
  }

  #press(key: KeyCode, start: number, row: number, column: number): void {
    this.#pieces.forget();
    if (this.#held !== undefined) this.#release(this.#hold.gone ? this.#hold.end : Math.max(0, start));
    if (this.#last === key && this.#hold.echoes(fit, start)) return;
    this.#held = key;
    this.#hold.begin(row, column, fit);
    // It became certain while the sound after it was missing.
    this.#hold.forgive(this.#doubt);
    this.#onTone(key, Math.max(0, start));
  }

  #release(end: number): void {
    const key = this.#held as KeyCode;
    this.#held = undefined;
    this.#last = key;
    this.#hold.lose(end);
    this.#onEnd(key, end);
  }
}
