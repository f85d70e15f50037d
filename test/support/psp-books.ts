/** A document of the `http` adapter as a provider reads it. */
export interface PspDocument {
  readonly operation: 'authorise' | 'enquire' | 'void' | 'refund';
  readonly about?: 'payment' | 'refund';
  readonly attempt: string;
  readonly refund?: string;
  readonly amount?: number | null;
  readonly acceptedSurcharge?: number | null;
  readonly details?: Readonly<Record<string, string | number>>;
  readonly card?: { readonly number: string; readonly securityCode: string | null };
}

type Fate = 'under-way' | 'charged' | 'declined' | 'quoted' | 'dropped' | 'shut';

interface Payment {
  fate: Fate;
  taken: number;
  givenBack: number;
  voided: boolean;
  commits: number;
  reference: string;
}

/** The books of a provider: each idempotency key is answered once, and every commit is counted. */
export class PspBooks {
  readonly #payments = new Map<string, Payment>();
  readonly #answers = new Map<string, unknown>();
  readonly #refunds = new Map<string, unknown>();
  #next = 0;

  /** How often money was taken for an attempt; more than once is the one thing that must not happen. */
  commits(attempt: string): number {
    return this.#payments.get(attempt)?.commits ?? 0;
  }

  /** Whether the payment stands: charged, and not given back. */
  stands(attempt: string): boolean {
    const payment = this.#payments.get(attempt);
    return payment?.fate === 'charged' && !payment.voided;
  }

  get attempts(): string[] {
    return [...this.#payments.keys()];
  }

  /** A request to charge is there. */
  begin({ attempt }: PspDocument): void {
    const payment = this.#payments.get(attempt);
    if (payment === undefined) this.#payments.set(attempt, this.#payment('under-way'));
    else if (payment.fate === 'quoted' || payment.fate === 'dropped') payment.fate = 'under-way';
  }

  /** It was thrown away before anything was done. */
  drop({ attempt }: PspDocument): void {
    const payment = this.#payments.get(attempt);
    if (payment?.fate === 'under-way') payment.fate = 'dropped';
  }

  charge(document: PspDocument, key: string, fault: string): unknown {
    const known = this.#answers.get(key);
    if (known !== undefined) return known;
    const payment = this.#payments.get(document.attempt) ?? this.#payment('under-way');
    this.#payments.set(document.attempt, payment);
    const answer = this.#decide(document, payment, fault);
    this.#answers.set(key, answer);
    return answer;
  }

  answer(document: PspDocument): unknown {
    switch (document.operation) {
      case 'enquire':
        return document.about === 'refund' ? this.#enquireRefund(document.attempt) : this.#enquire(document.attempt);
      case 'void':
        return this.#void(document.attempt);
      default:
        return this.#refund(document);
    }
  }

  #decide(document: PspDocument, payment: Payment, fault: string): unknown {
    if (payment.fate === 'shut') return { outcome: 'declined', code: 'too-late', retryable: false };
    if (fault === 'decline') {
      payment.fate = 'declined';
      return { outcome: 'declined', code: 'insufficient-funds', message: 'Not enough funds', retryable: true };
    }
    if (fault === 'surcharge' && document.acceptedSurcharge !== 50) {
      payment.fate = 'quoted';
      return { outcome: 'surcharge', surcharge: 50 };
    }
    payment.fate = 'charged';
    payment.taken = (document.amount ?? 0) + (document.acceptedSurcharge ?? 0);
    payment.commits += 1;
    const { number = '', securityCode = '' } = document.card ?? {};
    if (fault === 'echo')
      return { outcome: 'approved', reference: `P-${number}`, message: `${number} ${securityCode}` };
    return { outcome: 'approved', reference: payment.reference };
  }

  /** "Not paid" is a promise: an attempt that was not there before is shut against a request that comes late. */
  #enquire(attempt: string): unknown {
    const payment = this.#payments.get(attempt) ?? this.#payment('shut');
    this.#payments.set(attempt, payment);
    if (payment.fate === 'under-way') return { answer: 'still-unknown' };
    if (payment.fate === 'charged' && !payment.voided) return { answer: 'paid', reference: payment.reference };
    if (payment.fate === 'dropped') payment.fate = 'shut';
    return { answer: 'not-paid' };
  }

  #void(attempt: string): unknown {
    const payment = this.#payments.get(attempt);
    if (payment?.fate === 'charged') payment.voided = payment.givenBack === 0;
    return { voided: payment !== undefined && payment.fate !== 'under-way' && payment.givenBack === 0 };
  }

  #refund(document: PspDocument): unknown {
    const key = document.refund ?? '';
    const known = this.#refunds.get(key);
    if (known !== undefined) return known;
    const payment = this.#payments.get(document.attempt);
    const left = payment === undefined || payment.voided ? 0 : payment.taken - payment.givenBack;
    const amount = document.amount ?? 0;
    const done = payment?.fate === 'charged' && amount <= left;
    if (done) payment.givenBack += amount;
    const answer = done
      ? { outcome: 'refunded', reference: `R-${key.slice(0, 8)}` }
      : { outcome: 'declined', code: 'too-much' };
    this.#refunds.set(key, answer);
    return answer;
  }

  #enquireRefund(refund: string): unknown {
    const answer = this.#refunds.get(refund) as { outcome: string; reference?: string } | undefined;
    if (answer === undefined) return { answer: 'still-unknown' };
    return answer.outcome === 'refunded'
      ? { answer: 'paid', reference: answer.reference ?? null }
      : { answer: 'not-paid' };
  }

  #payment(fate: Fate): Payment {
    this.#next += 1;
    return { fate, taken: 0, givenBack: 0, voided: false, commits: 0, reference: `P-${this.#next}` };
  }
}
