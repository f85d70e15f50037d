import type { Clock, Timer } from '../../shared/clock.ts';
import { type AnswerEvent, type AnswerState, type AnswerStep, startAnswer, stepAnswer } from './answer-machine.ts';

/** The shell of the answer machine: one timer. */
export class RepeatedAnswer {
  readonly #clock: Clock;
  readonly #repeat: () => void;
  readonly #giveUp: () => void;
  #state: AnswerState;
  #timer: Timer | undefined;

  constructor(clock: Clock, kind: 'final' | 'provisional', repeat: () => void, giveUp: () => void) {
    this.#clock = clock;
    this.#repeat = repeat;
    this.#giveUp = giveUp;
    const step = startAnswer(kind);
    this.#state = step.state;
    this.#perform(step);
  }

  get waiting(): boolean {
    return this.#state.name === 'repeating';
  }

  /** The peer has it; false if that was known already. */
  confirm(): boolean {
    this.#timer?.cancel();
    return this.#feed({ kind: 'confirmed' });
  }

  dispose(): void {
    this.#timer?.cancel();
    this.#state = { name: 'abandoned' };
  }

  #feed(event: AnswerEvent): boolean {
    const step = stepAnswer(this.#state, event);
    if (step === undefined) return false;
    this.#state = step.state;
    this.#perform(step);
    return true;
  }

  #perform(step: AnswerStep): void {
    for (const effect of step.effects) {
      if (effect.kind === 'wait')
        this.#timer = this.#clock.after(effect.ms, () => this.#feed({ kind: 'interval-over' }));
      else if (effect.kind === 'repeat') this.#repeat();
      else this.#giveUp();
    }
  }
}
