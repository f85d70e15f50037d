import { describe, expect, it } from 'vitest';
import { Simulator } from '../../../src/cde/authorisation/providers/simulator.ts';
import { amountRules, cardRules, slowMs } from '../../../src/cde/authorisation/providers/simulator-rules.ts';
import { readPspSettings } from '../../../src/cde/authorisation/psp-settings.ts';
import type { PaymentOrder, RefundOrder } from '../../../src/cde/messages.ts';
import { type AttemptId, newAttemptId } from '../../../src/shared/ids.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';
import { filledBuffer } from '../../support/filled-buffer.ts';

const visa = '4111111111111111';
const charge: PaymentOrder = { type: 'charge', amount: 4200, currency: 'JPY', details: {}, acceptedSurcharge: null };

const simulator = (entry: Record<string, unknown> = { id: 'simulator' }) => {
  const clock = new FakeClock();
  const psp = readPspSettings([entry])[0];
  if (psp === undefined) throw new Error('no settings');
  const it = new Simulator(psp, clock);
  const pay = (order: Partial<PaymentOrder> = {}, card = visa, code = '123', attempt: AttemptId = newAttemptId()) =>
    it.authorise({
      attempt,
      order: { ...charge, ...order },
      pan: filledBuffer(card),
      brand: 'visa',
      cvc: filledBuffer(code),
    });
  return { it, clock, pay };
};

describe('the simulator decides by the amount', () => {
  it.each([4200, 1050, 1999, 100, 1, 0, 4299, 5210])('%i is approved', async (amount) => {
    const { it, pay } = simulator();
    expect(await pay({ amount })).toMatchObject({ outcome: 'approved' });
    expect(it.standing).toBe(1);
  });

  it.each([
    [4202, { outcome: 'declined', code: 'declined', retryable: true }],
    [4203, { outcome: 'declined', code: 'stolen-card', retryable: false }],
    [4204, { outcome: 'declined', code: 'could-not-verify', retryable: true }],
    [4208, { outcome: 'not-sent', code: 'connection-refused' }],
    [4213, { outcome: 'approved', reference: null }],
  ])('%i comes to %o', async (amount, outcome) => expect(await simulator().pay({ amount })).toMatchObject(outcome));

  it('…05 quotes two percent, charges nothing before it is accepted, and then once (P-60, P-61)', async () => {
    const { it, pay } = simulator();
    const attempt = newAttemptId();
    expect(await pay({ amount: 4205 }, visa, '123', attempt)).toEqual({
      outcome: 'surcharge',
      surcharge: 84,
      total: 4289,
    });
    expect(it.standing).toBe(0);
    const wrong = await pay({ amount: 4205, acceptedSurcharge: 1 }, visa, '123', attempt);
    expect(wrong).toMatchObject({ outcome: 'surcharge' });
    const paid = await pay({ amount: 4205, acceptedSurcharge: 84 }, visa, '123', attempt);
    expect(paid).toMatchObject({ outcome: 'approved' });
    expect(await pay({ amount: 4205, acceptedSurcharge: 84 }, visa, '123', attempt)).toEqual(paid);
    expect(it.standing).toBe(1);
  });

  it('…06 is approved slowly, also for who has given up waiting', async () => {
    const { it, clock, pay } = simulator();
    const attempt = newAttemptId();
    const asked = pay({ amount: 4206 }, visa, '123', attempt);
    await settle();
    expect(await it.enquire(attempt, 'payment')).toEqual({ answer: 'still-unknown' });
    clock.advance(slowMs);
    expect(await asked).toMatchObject({ outcome: 'approved' });
    expect(await it.enquire(attempt, 'payment')).toMatchObject({ answer: 'paid' });
  });

  it('…07 never answers, and no enquiry and no void finds out', async () => {
    const { it, clock, pay } = simulator();
    const attempt = newAttemptId();
    let outcome: unknown;
    void pay({ amount: 4207 }, visa, '123', attempt).then((one) => {
      outcome = one;
    });
    clock.advance(1_000_000);
    await settle();
    expect(outcome).toBeUndefined();
    expect(await it.enquire(attempt, 'payment')).toEqual({ answer: 'still-unknown' });
    await expect(it.voidPayment(attempt)).rejects.toMatchObject({ code: 'cannot-enquire' });
  });

  it.each([
    [4209, ['paid'], 1],
    [4211, ['not-paid'], 0],
    [4212, ['still-unknown', 'still-unknown', 'paid'], 1],
  ])('%i is unknown, and enquiries say %o', async (amount, answers, standing) => {
    const { it, pay } = simulator();
    const attempt = newAttemptId();
    expect(await pay({ amount }, visa, '123', attempt)).toEqual({ outcome: 'unknown', code: 'connection-lost' });
    for (const answer of answers) expect(await it.enquire(attempt, 'payment')).toMatchObject({ answer });
    expect(it.standing).toBe(standing);
  });
});

describe('the simulator decides by the card before the amount', () => {
  it.each([
    ['4000000000000002', 'declined'],
    ['4000000000009995', 'insufficient-funds'],
    ['4000000000009987', 'lost-card'],
    ['4000000000009979', 'stolen-card'],
    ['4000000000000069', 'expired-card'],
    ['4000000000000127', 'could-not-verify'],
    ['4000000000000119', 'processing-error'],
  ])('%s: %s', async (card, code) => expect(await simulator().pay({ amount: 4208 }, card)).toMatchObject({ code }));

  it.each(['999', '9999'])('a code of %s cannot be verified (P-77)', async (code) => {
    expect(await simulator().pay({}, visa, code)).toMatchObject({ outcome: 'declined', code: 'could-not-verify' });
  });

  it('and the tables name no more of a card than its last four, and each rule once', () => {
    for (const { lastFour } of cardRules) expect(lastFour).toMatch(/^\d{4}$/);
    expect(new Set(cardRules.map(({ lastFour }) => lastFour)).size).toBe(cardRules.length);
    expect(new Set(amountRules.map(({ ending }) => ending)).size).toBe(amountRules.length);
  });
});

describe('references', () => {
  it('of payments and of tokens hold letters only, so that none looks like a card number (P-65)', async () => {
    const { pay } = simulator();
    for (let round = 0; round < 50; round += 1) {
      expect(await pay()).toEqual({ outcome: 'approved', reference: expect.stringMatching(/^SIM-[A-Z]{12}$/) });
    }
    const token = await pay({ type: 'tokenise', amount: null });
    expect(token).toEqual({ outcome: 'approved', reference: expect.stringMatching(/^TOK-[A-Z]{12}$/) });
  });
});

describe('the books of the simulator', () => {
  it('let a payment be voided once and say so afterwards', async () => {
    const { it, pay } = simulator();
    const attempt = newAttemptId();
    await pay({}, visa, '123', attempt);
    expect([await it.voidPayment(attempt), await it.voidPayment(attempt), it.standing]).toEqual([true, true, 0]);
    expect(await it.enquire(attempt, 'payment')).toEqual({ answer: 'not-paid' });
  });

  it('say nothing of an attempt that is not in them: another process may have made it', async () => {
    const { it } = simulator();
    expect(await it.enquire(newAttemptId(), 'payment')).toEqual({ answer: 'still-unknown' });
    await expect(it.voidPayment(newAttemptId())).rejects.toMatchObject({ code: 'cannot-enquire' });
  });
});

describe('refunds by the simulator', () => {
  const refundOf = (attempt: AttemptId, amount: number, whole = false): RefundOrder => ({
    refund: newAttemptId(),
    attempt,
    reference: null,
    amount,
    currency: 'JPY',
    whole,
  });

  it('give back parts until nothing is left, and a repeat of one gives back nothing more (S-07)', async () => {
    const { it, pay } = simulator();
    const attempt = newAttemptId();
    await pay({ amount: 5000 }, visa, '123', attempt);
    const first = refundOf(attempt, 3000);
    const refunded = { outcome: 'refunded', reference: expect.stringMatching(/^REF-[A-Z]{12}$/) };
    expect([await it.refund(first), await it.refund(first)]).toEqual([refunded, refunded]);
    expect(await it.refund(refundOf(attempt, 2001))).toMatchObject({ outcome: 'declined', code: 'too-much' });
    expect(await it.refund(refundOf(attempt, 2000))).toEqual(refunded);
    expect(await it.enquire(first.refund, 'refund')).toEqual({ answer: 'paid', reference: refunded.reference });
  });

  it('take an accepted surcharge along, and end the void', async () => {
    const { it, pay } = simulator();
    const attempt = newAttemptId();
    await pay({ amount: 4205, acceptedSurcharge: 84 }, visa, '123', attempt);
    expect(await it.refund(refundOf(attempt, 4289, true))).toMatchObject({ outcome: 'refunded' });
    expect(await it.voidPayment(attempt)).toBe(false);
  });

  it.each<[string, (bench: ReturnType<typeof simulator>, attempt: AttemptId) => Promise<unknown>]>([
    ['never made', async () => {}],
    ['declined', ({ pay }, attempt) => pay({ amount: 4202 }, visa, '123', attempt)],
    ['voided', ({ it, pay }, attempt) => pay({}, visa, '123', attempt).then(() => it.voidPayment(attempt))],
  ])('of a payment that was %s are declined', async (_, before) => {
    const bench = simulator();
    const attempt = newAttemptId();
    await before(bench, attempt);
    const refund = refundOf(attempt, 100);
    expect(await bench.it.refund(refund)).toMatchObject({ outcome: 'declined', code: 'no-such-payment' });
    expect(await bench.it.enquire(refund.refund, 'refund')).toEqual({ answer: 'not-paid' });
  });
});

describe('the settings of providers', () => {
  it('are three simulators when the configuration names none, one of them for tokens only (P-20)', () => {
    const psps = readPspSettings([]);
    expect(psps.map(({ id, types }) => [id, types ?? 'all'])).toEqual([
      ['simulator', 'all'],
      ['simulator-token', ['tokenise']],
      ['simulator-surcharge', 'all'],
    ]);
  });

  it('narrow, label and extend what the adapter declares', () => {
    const { it } = simulator({
      id: 'shop',
      label: 'Shop',
      currencies: ['EUR'],
      types: ['charge'],
      fields: [
        { name: 'reference', required: true, prefill: 'A-' },
        { name: 'channel', kind: 'choice', choices: ['phone', 'desk'], label: { en: 'Channel', ja: '経路' } },
        { name: 'expiry' },
      ],
    });
    const described = it.describe();
    expect(described).toMatchObject({
      id: 'shop',
      label: { en: 'Shop', ja: 'Shop' },
      currencies: ['EUR'],
      types: ['charge'],
    });
    const named = (name: string) => described.fields.find((field) => field.name === name);
    expect(named('reference')).toMatchObject({ required: true, prefill: 'A-', label: { en: 'Reference number' } });
    expect(named('channel')).toMatchObject({ kind: 'choice', choices: ['phone', 'desk'], required: false });
    expect(named('expiry')).toMatchObject({ kind: 'date', required: true });
    expect(named('amount')?.types).toEqual(['charge', 'authorise']);
  });

  it.each([
    [3000, 1.15, 35],
    [2999, 1.15, 34],
    [1, 50, 1],
    [99_999_999_999, 2.675, 2_675_000_000],
    [4200, 0, 0],
  ])(
    'take of %i at %f percent exactly, half up, in minor units of any currency',
    async (amount, percent, surcharge) => {
      const { pay } = simulator({ id: 'x', surcharge: { percent, fixed: 0 } });
      const outcome = await pay({ amount, currency: 'BHD' });
      expect(outcome).toMatchObject(surcharge === 0 ? { outcome: 'approved' } : { outcome: 'surcharge', surcharge });
    },
  );

  it('with a surcharge of their own quote it on every payment, and none on a token', async () => {
    const { pay } = simulator({ id: 'x', surcharge: { percent: 1.5, fixed: 30 } });
    expect(await pay({ amount: 1000 })).toEqual({ outcome: 'surcharge', surcharge: 45, total: 1045 });
    expect(await pay({ type: 'tokenise', amount: null })).toMatchObject({ outcome: 'approved' });
  });

  it.each<[string, unknown[], string]>([
    [
      'an adapter that this build does not have',
      [{ id: 'a' }, { id: 'b', adapter: 'elsewhere' }],
      'payments.psps.1.adapter',
    ],
    ['an id that stands twice', [{ id: 'a' }, { id: 'a' }], 'payments.psps'],
    ['a key that is none', [{ id: 'a', colour: 'red' }], 'payments.psps.0'],
  ])('with %s are refused, by their key', (_, entries, key) => {
    expect(() => readPspSettings(entries)).toThrow(expect.objectContaining({ code: 'unknown-psp', about: [key] }));
  });
});
