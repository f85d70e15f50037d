import { assert } from '../../shared/assert.ts';
import type { EntryFailure } from '../../shared/capture-failure.ts';
import type { Clock, Timer } from '../../shared/clock.ts';
import { isDigit, type KeyCode } from '../dtmf/key-code.ts';
import { DigitBuffer } from './digit-buffer.ts';
import type { EntryFacts, FieldRule } from './entry-facts.ts';
import {
  type FieldEffect,
  type FieldEvent,
  type FieldStep,
  openedField,
  type Pause,
  transition,
} from './field-machine.ts';

/** Times in milliseconds; a null `quietMs` makes every silence an `interKeyMs`; a null key does nothing. */
export interface EntryPolicy {
  readonly firstKeyMs: number;
  readonly interKeyMs: number;
  readonly quietMs: number | null;
  readonly overallMs: number;
  readonly clearKey: KeyCode | null;
  readonly endKey: KeyCode | null;
  readonly backspaceKey: KeyCode | null;
}

/** Who is told what becomes of the entry. */
export interface EntryListener {
  progress(digits: number): void;
  /** The entry is whole. The buffer is the listener's from here on, to keep or to dispose of. */
  completed(buffer: DigitBuffer): void;
  /** The entry is wiped already. `digits` is how many it had. */
  failed(reason: EntryFailure, digits: number): void;
}

const zeroKey = 0 as KeyCode;

/** One field that takes keys: the field machine with a buffer and two timers. Ends once, and is empty then. */
export class OpenField {
  readonly #rule: FieldRule;
  readonly #policy: EntryPolicy;
  readonly #clock: Clock;
  readonly #listener: EntryListener;
  readonly #buffer: DigitBuffer;
  #state: FieldStep['state'];
  #pause: Timer | undefined;
  #overall: Timer | undefined;

  constructor(rule: FieldRule, policy: EntryPolicy, clock: Clock, listener: EntryListener) {
    this.#rule = rule;
    this.#policy = policy;
    this.#clock = clock;
    this.#listener = listener;
    this.#buffer = new DigitBuffer(rule.capacity);
    const { state, effects } = openedField(this.#facts());
    this.#state = state;
    for (const effect of effects) this.#perform(effect);
  }

  get digits(): number {
    return this.#buffer.length;
  }

  /** @returns whether the key meant anything here. */
  press(key: KeyCode): boolean {
    if (this.#state.kind === 'closed') return false;
    const event = this.#eventOf(key);
    return event !== undefined && this.#take(event);
  }

  /** Closes and wipes; nobody is told. Harmless when it has ended. */
  stop(): void {
    this.#take({ kind: 'stop' });
  }

  /** Changes the buffer as the key says. The keypad test keeps every key as the same digit: only their number matters. */
  #eventOf(key: KeyCode): FieldEvent | undefined {
    if (key === this.#policy.endKey) return { kind: 'end' };
    const countOnly = this.#facts().countOnly;
    if (key === this.#policy.clearKey && !countOnly) {
      this.#buffer.wipe();
      return { kind: 'clear', facts: this.#facts() };
    }
    if (key === this.#policy.backspaceKey && !countOnly) {
      this.#buffer.pop();
      return { kind: 'backspace', facts: this.#facts() };
    }
    if (!isDigit(key) && !countOnly) return undefined;
    this.#buffer.push(countOnly ? zeroKey : key);
    return { kind: 'digit', facts: this.#facts() };
  }

  #take(event: FieldEvent): boolean {
    const step = transition(this.#state, event);
    if (step === undefined) return false;
    this.#state = step.state;
    for (const effect of step.effects) this.#perform(effect);
    return true;
  }

  #perform(effect: FieldEffect): void {
    switch (effect.kind) {
      case 'wait':
        this.#pause?.cancel();
        this.#pause = this.#clock.after(this.#pauseMs(effect.pause), () => this.#take({ kind: 'pause-over' }));
        return;
      case 'start-overall':
        this.#overall = this.#clock.after(this.#policy.overallMs, () => this.#take({ kind: 'overall-over' }));
        return;
      case 'stop-timers':
        this.#pause?.cancel();
        this.#overall?.cancel();
        return;
      case 'progress':
        return this.#listener.progress(effect.digits);
      case 'completed':
        assert(this.#buffer.length === effect.digits);
        return this.#listener.completed(this.#buffer);
      case 'wipe':
        return this.#buffer[Symbol.dispose]();
      case 'failed':
        return this.#listener.failed(effect.reason, effect.digits);
    }
  }

  #pauseMs(pause: Pause): number {
    const { firstKeyMs, interKeyMs, quietMs } = this.#policy;
    if (pause === 'first-key') return firstKeyMs;
    return pause === 'quiet' ? (quietMs ?? interKeyMs) : interKeyMs;
  }

  #facts(): EntryFacts {
    return this.#rule.read(this.#buffer.expose());
  }
}
