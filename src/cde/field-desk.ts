import { assert, unreachable } from '../shared/assert.ts';
import type { CaptureFailure } from '../shared/capture-failure.ts';
import type { CardField } from '../shared/card-field.ts';
import type { Clock } from '../shared/clock.ts';
import { CodedError } from '../shared/coded-error.ts';
import type { CallId, SessionId } from '../shared/ids.ts';
import { configuredKey, type KeyCode } from './dtmf/key-code.ts';
import { RepeatGuard } from './dtmf/repeat-guard.ts';
import { brandOfCard, cardNumberRule } from './entry/card-number.ts';
import type { CardVault } from './entry/card-vault.ts';
import type { DigitBuffer } from './entry/digit-buffer.ts';
import type { FieldRule } from './entry/entry-facts.ts';
import { expiryRule } from './entry/expiry-date.ts';
import { KnownCards } from './entry/known-cards.ts';
import { issueNumberRule, keypadTestRule, lengthRule, postcodeRule } from './entry/length-rule.ts';
import { type EntryPolicy, OpenField } from './entry/open-field.ts';
import { expiryText, lastFourText, plainText } from './entry/shown-text.ts';
import type { Ask, FieldPolicy, Notice } from './messages.ts';

type Opening = Ask<'field.open'>;

interface Running {
  readonly opening: Opening;
  readonly entry: OpenField;
}

/** The fields that are open, at most one a call, and where their values go. */
export class FieldDesk {
  readonly #running = new Map<CallId, Running>();
  readonly #cards = new Map<CallId, KnownCards>();
  /** Of calls whose keypad was tested. */
  readonly #guards = new Map<CallId, RepeatGuard>();
  readonly #vault: CardVault;
  readonly #clock: Clock;
  readonly #tell: (notice: Notice) => void;

  constructor(vault: CardVault, clock: Clock, tell: (notice: Notice) => void) {
    this.#vault = vault;
    this.#clock = clock;
    this.#tell = tell;
  }

  get size(): number {
    return this.#running.size;
  }

  /**
   * Checks that the field may be opened, and wipes its earlier value.
   * @throws {CodedError} `capture-running`, `cvc-before-pan`, `overloaded`; nothing is changed then.
   */
  prepare({ call, session, field }: Opening): void {
    if (this.#running.has(call)) throw new CodedError('capture-running');
    if (field === 'cvc' && this.#vault.brandOf(session) === undefined) throw new CodedError('cvc-before-pan');
    this.#vault.prepare(session, field);
  }

  /** From here on the field takes keys. The call is secured already. */
  open(opening: Opening): void {
    const { call, session, field, policy } = opening;
    if (this.#running.has(call)) throw new CodedError('capture-running');
    if (field === 'keypadTest') this.#guardOf(call).beginTest();
    const about = { call, session, field };
    const entry = new OpenField(this.#ruleFor(opening), asEntryPolicy(policy), this.#clock, {
      progress: (digits) => this.#tell({ kind: 'field.progress', ...about, digits }),
      completed: (buffer) => {
        this.#completed(opening, buffer, this.#ended(call));
      },
      failed: (reason, digits) => {
        this.#ended(call);
        this.#tell({ kind: 'field.failed', ...about, digits, reason });
      },
    });
    this.#running.set(call, { opening, entry });
  }

  /**
   * @returns whether a field is open on the call and the key meant something in it; a double of the key before, of a telephone
   * that makes them, means that it is none. `at` in monotonic milliseconds.
   */
  press(call: CallId, key: KeyCode, at: number): boolean {
    const running = this.#running.get(call);
    if (running === undefined) return false;
    return this.#guards.get(call)?.counts(key, at) === false || running.entry.press(key);
  }

  /** Closes and wipes the open field, without a notice. Harmless when none is open. */
  stop(call: CallId): void {
    this.#running.get(call)?.entry.stop();
    this.#ended(call);
  }

  /** Stops what is being captured for the session, if it is one of the fields (`null` for any). */
  stopFor(session: SessionId, fields: readonly CardField[] | null): void {
    for (const [call, { opening }] of this.#running) {
      if (opening.session === session && (fields?.includes(opening.field) ?? true)) this.stop(call);
    }
  }

  /** The call is over: its cards are nobody's any more. Harmless when it had none. */
  forget(call: CallId): void {
    this.stop(call);
    this.#cards.get(call)?.[Symbol.dispose]();
    this.#cards.delete(call);
    this.#guards.get(call)?.[Symbol.dispose]();
    this.#guards.delete(call);
  }

  /** As {@link stop}, and says why. */
  fail(call: CallId, reason: CaptureFailure): void {
    const running = this.#running.get(call);
    if (running === undefined) return;
    const { digits } = running.entry;
    this.stop(call);
    const { session, field } = running.opening;
    this.#tell({ kind: 'field.failed', call, session, field, digits, reason });
  }

  /** The call's field is over. @returns how many doubles its keypad test has found. */
  #ended(call: CallId): number {
    this.#running.delete(call);
    const guard = this.#guards.get(call);
    guard?.wipe();
    return guard?.endTest() ?? 0;
  }

  #guardOf(call: CallId): RepeatGuard {
    const guard = this.#guards.get(call) ?? new RepeatGuard();
    this.#guards.set(call, guard);
    return guard;
  }

  #cardsOf(call: CallId): KnownCards {
    const cards = this.#cards.get(call) ?? new KnownCards();
    this.#cards.set(call, cards);
    return cards;
  }

  #ruleFor({ session, field, policy }: Opening): FieldRule {
    switch (field) {
      case 'pan':
        return cardNumberRule(policy.acceptedBrands);
      case 'cvc': {
        const brand = this.#vault.brandOf(session);
        if (brand === undefined) throw new CodedError('cvc-before-pan');
        return lengthRule(brand.codeLength, brand.codeLength);
      }
      case 'expiry':
        return expiryRule(() => this.#clock.now());
      case 'issueNumber':
        return issueNumberRule;
      case 'postcode':
        return postcodeRule;
      case 'keypadTest':
        return keypadTestRule;
      default:
        return unreachable(field);
    }
  }

  #completed({ call, session, field, policy }: Opening, buffer: DigitBuffer, doubles: number): void {
    const digits = buffer.length;
    const doubled = field === 'keypadTest' ? doubles : null;
    const notice = { kind: 'field.completed', call, session, field, digits, doubled } as const;
    if (field === 'pan') {
      const brand = brandOfCard(buffer);
      assert(brand !== undefined);
      const lastFour = policy.showLastFour ? lastFourText(buffer) : null;
      const card = this.#cardsOf(call).ordinalOf(buffer);
      this.#vault.keepPan(session, buffer, brand);
      this.#tell({ ...notice, brand: brand.brand, lastFour, card, value: null });
      return;
    }
    const ofNoCard = { brand: null, lastFour: null, card: null } as const;
    if (field === 'cvc') {
      this.#vault.keepCvc(session, buffer);
      this.#tell({ ...notice, ...ofNoCard, value: null });
      return;
    }
    using plain = buffer;
    this.#tell({ ...notice, ...ofNoCard, value: shownValue(field, plain) });
  }
}

/** The three fields that are no secrets (PCI DSS 4.0.1: cardholder data only beside the card number). */
function shownValue(field: 'expiry' | 'issueNumber' | 'postcode' | 'keypadTest', buffer: DigitBuffer): string | null {
  if (field === 'keypadTest') return null;
  return field === 'expiry' ? expiryText(buffer) : plainText(buffer);
}

function asEntryPolicy(policy: FieldPolicy): EntryPolicy {
  const key = (character: string | null) => (character === null ? null : (configuredKey(character) ?? null));
  return {
    firstKeyMs: policy.firstKeyMs,
    interKeyMs: policy.interKeyMs,
    quietMs: policy.quietMs,
    overallMs: policy.overallMs,
    clearKey: key(policy.clearKey),
    endKey: key(policy.endKey),
    backspaceKey: key(policy.backspaceKey),
  };
}
