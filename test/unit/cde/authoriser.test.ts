import { beforeEach, describe, expect, it } from 'vitest';
import { Authoriser, cvcBetweenPaymentsMs } from '../../../src/cde/authorisation/authoriser.ts';
import { brandRule } from '../../../src/cde/entry/brand-table.ts';
import { CardVault } from '../../../src/cde/entry/card-vault.ts';
import type { AuthorisationOutcome, Incident, PaymentOrder } from '../../../src/cde/messages.ts';
import { newAttemptId, newSessionId } from '../../../src/shared/ids.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';
import { filledBuffer } from '../../support/filled-buffer.ts';
import { PaperProvider } from '../../support/paper-provider.ts';

const order: PaymentOrder = { type: 'charge', amount: 4200, currency: 'JPY', details: {}, acceptedSurcharge: null };

const clock = new FakeClock();
let vault: CardVault;
let provider: PaperProvider;
let reported: Incident[];
let authoriser: Authoriser;
const session = newSessionId();

const keepCard = (number = '4111111111111111', code: string | null = '123'): void => {
  const pan = filledBuffer(number);
  const brand = brandRule(pan.expose());
  if (brand === undefined) throw new Error('no brand');
  vault.keepPan(session, pan, brand);
  if (code !== null) vault.keepCvc(session, filledBuffer(code));
};

/** What the session still holds, as fields. */
const held = (): string[] => {
  if (vault.brandOf(session) === undefined) return [];
  using loan = vault.lend(session);
  return loan.cvc === null ? ['pan'] : ['pan', 'cvc'];
};

const make = (keepPanAfterDecline: boolean): void => {
  vault = new CardVault(10);
  provider = new PaperProvider();
  reported = [];
  const providers = new Map([['paper', provider]]);
  authoriser = new Authoriser({ providers, vault, clock, keepPanAfterDecline, report: (word) => reported.push(word) });
};

const ask = (attempt = newAttemptId(), last = true, changed: Partial<PaymentOrder> = {}) =>
  authoriser.authorise({ session, attempt, psp: 'paper', order: { ...order, ...changed }, last });

const answered = async (outcome: AuthorisationOutcome, last = true): Promise<AuthorisationOutcome> => {
  const asked = ask(newAttemptId(), last);
  await settle();
  provider.answer.resolve(outcome);
  return asked;
};

const approved: AuthorisationOutcome = { outcome: 'approved', reference: 'R' };
const declined: AuthorisationOutcome = { outcome: 'declined', code: 'no', message: '', retryable: true };
const quote: AuthorisationOutcome = { outcome: 'surcharge', surcharge: 84, total: 4284 };

beforeEach(() => make(true));

describe('what is kept after an answer', () => {
  it.each<[string, AuthorisationOutcome, boolean, string[]]>([
    ['nothing after the last approval', approved, true, []],
    ['all after an approval that another payment follows', approved, false, ['pan', 'cvc']],
    ['the card number after a decline', declined, true, ['pan']],
    ['the card number after a decline in the middle', declined, false, ['pan']],
    ['nothing after an unknown outcome', { outcome: 'unknown', code: 'x' }, true, []],
    ['nothing after an unknown outcome in the middle', { outcome: 'unknown', code: 'x' }, false, []],
    ['the card number when nothing was sent', { outcome: 'not-sent', code: 'x' }, true, ['pan']],
    ['all after a quote', quote, true, ['pan', 'cvc']],
  ])('%s (PCI DSS 4.0.1 req. 3.3.1, O-7)', async (_, outcome, last, expected) => {
    keepCard();
    expect(await answered(outcome, last)).toEqual(outcome);
    expect(held()).toEqual(expected);
  });

  it('is nothing after a decline where the card number may not be kept', async () => {
    make(false);
    keepCard();
    await answered(declined);
    expect(held()).toEqual([]);
  });

  it('of a code is nothing when the next payment does not come soon; a later code stays', async () => {
    keepCard();
    await answered(approved, false);
    clock.advance(cvcBetweenPaymentsMs);
    expect(held()).toEqual(['pan']);
    vault.keepCvc(session, filledBuffer('456'));
    await answered(approved, false);
    vault.wipe(session, ['cvc']);
    vault.keepCvc(session, filledBuffer('789'));
    clock.advance(cvcBetweenPaymentsMs);
    expect(held()).toEqual(['pan', 'cvc']);
  });

  it('is nothing when the session was wiped meanwhile, but not before the answer', async () => {
    keepCard();
    const asked = ask(newAttemptId(), false);
    await settle();
    vault.wipe(session, null);
    expect(provider.requests[0]).toMatchObject({ cardNumber: '4111111111111111', code: '123' });
    provider.answer.resolve(approved);
    await asked;
    expect(held()).toEqual([]);
  });
});

describe('one attempt', () => {
  it('is asked once, whoever repeats it and when', async () => {
    keepCard();
    const attempt = newAttemptId();
    const both = [ask(attempt), ask(attempt)];
    await settle();
    provider.answer.resolve(approved);
    expect(await Promise.all(both)).toEqual([approved, approved]);
    expect(await ask(attempt)).toEqual(approved);
    expect(provider.requests).toHaveLength(1);
  });

  it('goes on after a quote and after nothing was sent', async () => {
    keepCard();
    const attempt = newAttemptId();
    const first = ask(attempt);
    await settle();
    provider.answer.resolve(quote);
    await first;
    const second = ask(attempt, true, { acceptedSurcharge: 84 });
    await settle();
    provider.answer.resolve(approved);
    expect(await second).toEqual(approved);
    expect(provider.requests.map((request) => request.attempt)).toEqual([attempt, attempt]);
  });

  it('is unknown when the provider does not answer in time, and a late answer changes nothing', async () => {
    keepCard();
    const attempt = newAttemptId();
    const asked = ask(attempt);
    await settle();
    clock.advance(30_000);
    expect(await asked).toEqual({ outcome: 'unknown', code: 'timed-out' });
    expect([held(), reported, provider.requests[0]?.signal.aborted]).toEqual([[], ['psp-timed-out'], true]);
    provider.answer.resolve(approved);
    await settle();
    expect(await ask(attempt)).toEqual({ outcome: 'unknown', code: 'timed-out' });
  });

  it('is unknown when the adapter breaks, and of the breakage only a word comes out', async () => {
    keepCard();
    const asked = ask();
    await settle();
    provider.answer.reject(new Error('4111111111111111 was refused'));
    expect(await asked).toEqual({ outcome: 'unknown', code: 'answer-unreadable' });
    expect([held(), reported]).toEqual([[], ['psp-answer-unreadable']]);
  });
});

describe('what is not sent, and says why', () => {
  it.each<[string, string, Partial<PaymentOrder>, () => void]>([
    ['without a card number', 'missing-fields', {}, () => {}],
    ['without a code', 'missing-fields', {}, () => keepCard('4111111111111111', null)],
    ['without an amount', 'missing-fields', { amount: null }, keepCard],
  ])('%s', async (_, code, changed, prepare) => {
    prepare();
    expect(await ask(newAttemptId(), true, changed)).toEqual({ outcome: 'not-sent', code });
    expect(provider.requests).toEqual([]);
  });

  it('a card that is with the provider already', async () => {
    keepCard();
    const first = ask();
    await settle();
    expect(await ask()).toEqual({ outcome: 'not-sent', code: 'wrong-state' });
    provider.answer.resolve(approved);
    expect(await first).toEqual(approved);
  });

  it('to a provider that nobody knows', async () => {
    keepCard();
    const asked = authoriser.authorise({ session, attempt: newAttemptId(), psp: 'other', order, last: true });
    expect(await asked).toEqual({ outcome: 'not-sent', code: 'unknown-psp' });
  });

  it('Maestro may lack a code, and a token an amount', async () => {
    keepCard('6304000000000000', null);
    const asked = ask(newAttemptId(), true, { type: 'tokenise', amount: null });
    await settle();
    provider.answer.resolve(approved);
    expect(await asked).toEqual(approved);
    expect(provider.requests).toMatchObject([{ cardNumber: '6304000000000000', code: null }]);
  });
});

describe('a provider that quotes the card', () => {
  it.each<[string, AuthorisationOutcome, AuthorisationOutcome]>([
    [
      'as its reference',
      { outcome: 'approved', reference: 'P-4111111111111111' },
      { outcome: 'approved', reference: null },
    ],
    ['in groups', { outcome: 'approved', reference: '4111 1111 1111' }, { outcome: 'approved', reference: null }],
    [
      'in its message',
      { outcome: 'declined', code: '51', message: 'card 4111-1111-1111-1111', retryable: false },
      { outcome: 'declined', code: 'declined', message: '', retryable: false },
    ],
    ['in a code', { outcome: 'unknown', code: '4111111111111111' }, { outcome: 'unknown', code: 'withheld' }],
  ])('%s is not passed on', async (_, said, heard) => {
    keepCard();
    expect(await answered(said)).toEqual(heard);
  });

  it('by its last four only is', async () => {
    keepCard();
    const said: AuthorisationOutcome = { outcome: 'approved', reference: 'X-20261124-1111' };
    expect(await answered(said)).toEqual(said);
  });
});

describe('refunds', () => {
  const order = { refund: newAttemptId(), attempt: newAttemptId(), reference: 'R', amount: 100, currency: 'JPY' };

  it('pass the answer of the provider on; no answer is unknown', async () => {
    expect(await authoriser.refund('paper', { ...order, whole: false })).toEqual({
      outcome: 'refunded',
      reference: 'R',
    });
    provider.refunded = new Promise(() => {});
    const asked = authoriser.refund('paper', { ...order, whole: true });
    await settle();
    clock.advance(30_000);
    expect(await asked).toEqual({ outcome: 'unknown', code: 'no-answer' });
    expect(reported).toEqual(['psp-timed-out']);
  });

  it.each([
    [true, { refund: false, partialRefund: false }],
    [false, { refund: true, partialRefund: false }],
  ])('that the provider does not make (whole: %s) are refused, and nobody is asked', async (whole, can) => {
    provider.description = { ...provider.description, can: { ...provider.description.can, ...can } };
    await expect(authoriser.refund('paper', { ...order, whole })).rejects.toMatchObject({ code: 'cannot-refund' });
  });
});

describe('enquiries and voids', () => {
  it('pass the answers of the provider on', async () => {
    expect(await authoriser.enquire(newAttemptId(), 'paper', 'payment')).toEqual({ answer: 'paid', reference: null });
    expect(await authoriser.voidPayment(newAttemptId(), 'paper', null)).toEqual({ voided: true });
  });

  it('of a silent or broken provider leave the attempt unknown', async () => {
    provider.enquiry = new Promise(() => {});
    const enquired = authoriser.enquire(newAttemptId(), 'paper', 'payment');
    provider.voided = Promise.reject(new Error('broken'));
    await expect(authoriser.voidPayment(newAttemptId(), 'paper', null)).rejects.toMatchObject({ code: 'timed-out' });
    clock.advance(30_000);
    expect(await enquired).toEqual({ answer: 'still-unknown' });
    expect(reported).toEqual(['psp-answer-unreadable', 'psp-timed-out']);
  });
});
