import type { Clock } from '../../../shared/clock.ts';
import type { AttemptId } from '../../../shared/ids.ts';
import type {
  AuthorisationOutcome,
  EnquiryAnswer,
  EnquirySubject,
  PaymentOrder,
  PspDescription,
  RefundOrder,
  RefundOutcome,
} from '../../messages.ts';
import type { CardRequest, PaymentProvider } from '../payment-provider.ts';
import type { PspSettings } from '../psp-settings.ts';
import { simulatorDescription } from './simulator-description.ts';
import { SimulatorLedger } from './simulator-ledger.ts';
import { simulatedReference } from './simulator-reference.ts';
import {
  amountRules,
  cardRules,
  codeRule,
  defaultRule,
  type SimulatorDoes,
  simulatedSurchargePercent,
  slowMs,
  unverifiableCodeDigit,
} from './simulator-rules.ts';

const asciiZero = 0x30;

/** A provider that decides by the card and the amount, keeps books of what it did, and so can be asked and voided. */
export class Simulator implements PaymentProvider {
  readonly timeoutMs: number;
  readonly #psp: PspSettings;
  readonly #clock: Clock;
  readonly #description: PspDescription;
  readonly #ledger = new SimulatorLedger();

  constructor(psp: PspSettings, clock: Clock) {
    this.timeoutMs = psp.timeoutSeconds * 1000;
    this.#psp = psp;
    this.#clock = clock;
    this.#description = simulatorDescription(psp);
  }

  /** Payments that stand: what the invariants of a test count. */
  get standing(): number {
    return this.#ledger.standing;
  }

  describe(): PspDescription {
    return this.#description;
  }

  /** All that depends on the card is decided before anything is waited for. */
  authorise(request: CardRequest): Promise<AuthorisationOutcome> {
    const { attempt, order } = request;
    const before = this.#ledger.answerTo(attempt);
    if (before === 'none') return never();
    if (before !== undefined) return Promise.resolve(before);
    return this.#perform(ruleFor(request), attempt, order);
  }

  async enquire(attempt: AttemptId, about: EnquirySubject): Promise<EnquiryAnswer> {
    return this.#ledger.enquire(attempt, about);
  }

  async voidPayment(attempt: AttemptId): Promise<boolean> {
    return this.#ledger.voidPayment(attempt);
  }

  async refund(order: RefundOrder): Promise<RefundOutcome> {
    return this.#ledger.refund(order, simulatedReference('REF', order.refund));
  }

  async #perform(rule: SimulatorDoes, attempt: AttemptId, order: PaymentOrder): Promise<AuthorisationOutcome> {
    const reference = simulatedReference(order.type === 'tokenise' ? 'TOK' : 'SIM', attempt);
    switch (rule.does) {
      case 'refuse-connection':
        return { outcome: 'not-sent', code: 'connection-refused' };
      case 'decline': {
        const { code, message, retryable } = rule;
        const answer = { outcome: 'declined', code, message, retryable } as const;
        this.#ledger.write(attempt, { paid: false, taken: 0, reference: null, answer, fromEnquiry: 1 });
        return answer;
      }
      case 'time-out':
        this.#ledger.write(attempt, {
          paid: false,
          taken: 0,
          reference: null,
          answer: 'none',
          fromEnquiry: Number.POSITIVE_INFINITY,
        });
        return never();
      case 'break-off': {
        const answer = { outcome: 'unknown', code: 'connection-lost' } as const;
        const { paid, fromEnquiry } = rule;
        this.#ledger.write(attempt, { paid, taken: order.amount ?? 0, reference, answer, fromEnquiry });
        return answer;
      }
      case 'approve-slowly':
        // A merchant who does not wait that long is charged all the same, as in life.
        await new Promise<void>((resolve) => this.#clock.after(slowMs, resolve));
        return this.#approve(attempt, order, reference);
      case 'approve-without-reference':
        return this.#approve(attempt, order, null);
      case 'quote-surcharge':
        return this.#approve(attempt, order, reference, simulatedSurchargePercent);
      case 'approve':
        return this.#approve(attempt, order, reference);
    }
  }

  /** Charges the amount with its surcharge; a surcharge that the customer has not agreed to is quoted, and nothing charged. */
  #approve(attempt: AttemptId, order: PaymentOrder, reference: string | null, ownPercent = 0): AuthorisationOutcome {
    const surcharge = this.#surchargeOn(order, ownPercent);
    if (surcharge > 0 && order.acceptedSurcharge !== surcharge) {
      return { outcome: 'surcharge', surcharge, total: (order.amount ?? 0) + surcharge };
    }
    const answer = { outcome: 'approved', reference } as const;
    const taken = (order.amount ?? 0) + surcharge;
    this.#ledger.write(attempt, { paid: true, taken, reference, answer, fromEnquiry: 1 });
    return answer;
  }

  /** In minor units, rounded half up; none on a token. */
  #surchargeOn(order: PaymentOrder, ownPercent: number): number {
    if (order.type === 'tokenise' || order.amount === null) return 0;
    const { percent, fixed } = this.#psp.surcharge ?? { percent: ownPercent, fixed: 0 };
    return partOf(order.amount, percent) + fixed;
  }
}

/** The card goes before the code, the code before the amount. */
function ruleFor({ pan, cvc, order }: CardRequest): SimulatorDoes {
  const digits = pan.expose();
  const byCard = cardRules.find(({ lastFour }) => endsIn(digits, lastFour));
  if (byCard !== undefined) return byCard.rule;
  const code = cvc?.expose();
  if (code?.every((digit) => digit === asciiZero + unverifiableCodeDigit) === true) return codeRule;
  return (
    amountRules.find(({ ending }) => order.amount !== null && order.amount % 100 === Number(ending))?.rule ??
    defaultRule
  );
}

/** Byte by byte: no digit becomes a string. */
function endsIn(digits: Uint8Array, ending: string): boolean {
  const from = digits.length - ending.length;
  for (let at = 0; at < ending.length; at += 1) if (digits[from + at] !== ending.charCodeAt(at)) return false;
  return true;
}

const never = (): Promise<never> => new Promise(() => {});

/** A percent, with up to six places, of an amount, rounded half up: in whole numbers, since 1.15 has no binary fraction. */
function partOf(amount: number, percent: number): number {
  const millionths = BigInt(Math.round(percent * 1e6));
  return Number((BigInt(amount) * millionths * 2n + 100_000_000n) / 200_000_000n);
}
