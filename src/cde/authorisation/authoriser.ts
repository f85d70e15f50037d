import type { Clock } from '../../shared/clock.ts';
import { CodedError } from '../../shared/coded-error.ts';
import type { AttemptId } from '../../shared/ids.ts';
import type { CardLoan, CardVault } from '../entry/card-vault.ts';
import type {
  Ask,
  AuthorisationOutcome,
  EnquiryAnswer,
  EnquirySubject,
  Incident,
  PspDescription,
  RefundOrder,
  RefundOutcome,
} from '../messages.ts';
import { AnsweredAttempts } from './answered-attempts.ts';
import { timeOut, within } from './deadline.ts';
import { withoutCardLikeText, withoutEcho } from './echo.ts';
import type { PaymentProvider } from './payment-provider.ts';
import { withPlainWords } from './provider-text.ts';

export interface AuthoriserParts {
  /** By the id of the configuration. */
  readonly providers: ReadonlyMap<string, PaymentProvider>;
  readonly vault: CardVault;
  readonly clock: Clock;
  readonly keepPanAfterDecline: boolean;
  readonly report: (word: Incident) => void;
}

const hourMs = 3_600_000;

type AuthoriseAsk = Ask<'payment.authorise'>;

/** How long a security code may outlive an approval, for the next payment on the same card (P-34); that is sent at once. */
export const cvcBetweenPaymentsMs = 60_000;

/** Takes cards from the vault to the providers, and wipes by what these answer. */
export class Authoriser {
  readonly #parts: AuthoriserParts;
  readonly #attempts: AnsweredAttempts;

  constructor(parts: AuthoriserParts) {
    this.#parts = parts;
    this.#attempts = new AnsweredAttempts(parts.clock);
  }

  describe(): PspDescription[] {
    return [...this.#parts.providers.values()].map((provider) => provider.describe());
  }

  /**
   * Asks the provider, once for each attempt. Never rejects for the world's sake: what kept us from asking (no card, no
   * code where one is needed, a card that is with a provider already, an attempt whose key the provider has forgotten) is
   * `not-sent` with the name of the reason.
   */
  authorise(ask: AuthoriseAsk): Promise<AuthorisationOutcome> {
    return this.#attempts.once(ask.attempt, () => this.#authorise(ask));
  }

  /** Whether the provider would take a repeat for a new request. */
  #isForgotten({ attempt, psp }: AuthoriseAsk): boolean {
    const { idempotency } = this.#provider(psp).describe();
    const age = this.#attempts.ageMs(attempt);
    if (age === null) return false;
    return idempotency === null || age >= (idempotency.hours ?? Number.POSITIVE_INFINITY) * hourMs;
  }

  /** A provider that does not answer, or answers nonsense, leaves the attempt as unknown as it was. */
  async enquire(attempt: AttemptId, psp: string, about: EnquirySubject): Promise<EnquiryAnswer> {
    const provider = this.#provider(psp);
    const answer = await this.#tolerant(provider, (signal) => provider.enquire(attempt, about, signal));
    return answer === undefined ? { answer: 'still-unknown' } : withoutCardLikeText(withPlainWords(answer));
  }

  /** Rejects with `timed-out` when nobody can say whether the payment still stands. */
  async voidPayment(attempt: AttemptId, psp: string, reference: string | null): Promise<{ voided: boolean }> {
    const provider = this.#provider(psp);
    const voided = await this.#tolerant(provider, (signal) => provider.voidPayment(attempt, reference, signal));
    if (voided === undefined) throw new CodedError('timed-out');
    return { voided };
  }

  /**
   * Whatever is not an answer is `unknown`.
   * @throws {CodedError} `cannot-refund` when the provider gives nothing back, or no part of a payment; nobody was asked.
   */
  async refund(psp: string, order: RefundOrder): Promise<RefundOutcome> {
    const provider = this.#provider(psp);
    const { can } = provider.describe();
    if (!(order.whole ? can.refund : can.partialRefund)) throw new CodedError('cannot-refund');
    const outcome = await this.#tolerant(provider, (signal) => provider.refund(order, signal));
    if (outcome === undefined) return { outcome: 'unknown', code: 'no-answer' };
    return withoutCardLikeText(withPlainWords(outcome));
  }

  /** @returns undefined for a time-out and for a rejection; both are reported. */
  async #tolerant<T>(provider: PaymentProvider, ask: (signal: AbortSignal) => Promise<T>): Promise<T | undefined> {
    try {
      const answer = await within(this.#parts.clock, provider.timeoutMs, ask);
      if (answer !== timeOut) return answer;
      this.#parts.report('psp-timed-out');
    } catch {
      this.#parts.report('psp-answer-unreadable');
    }
    return undefined;
  }

  async #authorise(ask: AuthoriseAsk): Promise<AuthorisationOutcome> {
    let loan: CardLoan;
    try {
      if (this.#isForgotten(ask)) return { outcome: 'not-sent', code: 'key-forgotten' };
      loan = this.#borrow(ask);
    } catch (error) {
      if (error instanceof CodedError) return { outcome: 'not-sent', code: error.code };
      throw error;
    }
    using card = loan;
    const said = withPlainWords(await this.#ask(this.#provider(ask.psp), ask, card));
    const outcome = withoutEcho(said, card.pan.expose(), card.cvc?.expose() ?? null);
    this.#wipeBy(outcome, ask, card);
    return outcome;
  }

  #borrow(ask: AuthoriseAsk): CardLoan {
    const provider = this.#provider(ask.psp);
    const loan = this.#parts.vault.lend(ask.session);
    try {
      requireAll(provider.describe(), ask, loan);
      return loan;
    } catch (error) {
      loan[Symbol.dispose]();
      throw error;
    }
  }

  /** Whatever is not an answer is `unknown`. */
  async #ask(provider: PaymentProvider, ask: AuthoriseAsk, loan: CardLoan): Promise<AuthorisationOutcome> {
    const { report, clock } = this.#parts;
    const { attempt, order } = ask;
    const { pan, brand, cvc } = loan;
    try {
      const outcome = await within(clock, provider.timeoutMs, (signal) =>
        provider.authorise({ attempt, order, pan, brand, cvc }, signal),
      );
      if (outcome === timeOut) {
        report('psp-timed-out');
        return { outcome: 'unknown', code: 'timed-out' };
      }
      if (outcome.outcome === 'not-sent') report('psp-refused-connection');
      return outcome;
    } catch {
      report('psp-answer-unreadable');
      return { outcome: 'unknown', code: 'answer-unreadable' };
    }
  }

  /** PCI DSS 4.0.1 req. 3.3.1: the code goes with the answer to the authorisation, whatever the answer is. */
  #wipeBy(outcome: AuthorisationOutcome, { session, last }: AuthoriseAsk, { cvc }: CardLoan): void {
    const { vault, clock, keepPanAfterDecline } = this.#parts;
    switch (outcome.outcome) {
      case 'approved':
        if (last) return vault.wipe(session, null);
        clock.after(cvcBetweenPaymentsMs, () => vault.wipeCode(session, cvc));
        return;
      case 'declined':
        return vault.wipe(session, keepPanAfterDecline ? ['cvc'] : null);
      case 'unknown':
        return vault.wipe(session, null);
      case 'not-sent':
        return vault.wipe(session, ['cvc']);
      // Nothing was asked of the card yet: the same card is sent again when the customer agrees.
      case 'surcharge':
        return;
    }
  }

  #provider(psp: string): PaymentProvider {
    const provider = this.#parts.providers.get(psp);
    if (provider === undefined) throw new CodedError('unknown-psp');
    return provider;
  }
}

function requireAll(psp: PspDescription, { order }: AuthoriseAsk, loan: CardLoan): void {
  if (!psp.types.includes(order.type)) throw new CodedError('unknown-type');
  const missing: string[] = [];
  if (psp.needsCvc && !loan.codeOptional && loan.cvc === null) missing.push('cvc');
  if (order.type !== 'tokenise' && order.amount === null) missing.push('amount');
  if (missing.length > 0) throw new CodedError('missing-fields', undefined, missing);
}
