import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { StripeProvider } from '../../../src/cde/authorisation/providers/stripe-provider.ts';
import { readPspSettings } from '../../../src/cde/authorisation/psp-settings.ts';
import type { AuthorisationOutcome, EnquiryAnswer, PaymentOrder, RefundOutcome } from '../../../src/cde/messages.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { newAttemptId } from '../../../src/shared/ids.ts';
import { type Answer, AnsweringServer } from '../../support/answering-server.ts';
import { cardRequest } from '../../support/card-request.ts';

const { signal } = new AbortController();
const method: Answer = [200, { id: 'pm_1' }];
const fault = (status: number, error: object): Answer => [status, { error }];

let server: AnsweringServer;
let stripe: StripeProvider;

beforeEach(async () => {
  server = await AnsweringServer.open();
  const [psp] = readPspSettings([{ id: 's', adapter: 'stripe', url: `http://127.0.0.1:${server.port}` }]);
  if (psp === undefined) throw new Error('no settings');
  stripe = new StripeProvider(psp, systemClock, { credential: 'sk', passphrase: undefined });
});

afterEach(() => server.close());

const pay = (changed: Partial<PaymentOrder> = {}): Promise<AuthorisationOutcome> =>
  stripe.authorise(cardRequest(changed, '123'), signal);

/** What Stripe says, what it comes to, and how many requests that took. */
const said: readonly [string, Answer[], AuthorisationOutcome, number][] = [
  [
    'that it was charged',
    [method, [200, { id: 'pi_1', status: 'succeeded' }]],
    { outcome: 'approved', reference: 'pi_1' },
    2,
  ],
  [
    'that it is held',
    [method, [200, { id: 'pi_1', status: 'requires_capture' }]],
    { outcome: 'approved', reference: 'pi_1' },
    2,
  ],
  [
    'that the bank declines',
    [
      method,
      fault(402, { type: 'card_error', code: 'card_declined', decline_code: 'insufficient_funds', message: 'No.' }),
    ],
    { outcome: 'declined', code: 'insufficient_funds', message: 'No.', retryable: true },
    2,
  ],
  [
    'that the card is stolen',
    [method, fault(402, { type: 'card_error', code: 'card_declined', decline_code: 'stolen_card' })],
    { outcome: 'declined', code: 'stolen_card', message: '', retryable: false },
    2,
  ],
  [
    'that the number is none, before anything was charged',
    [fault(402, { type: 'card_error', code: 'incorrect_number', message: 'x' })],
    { outcome: 'declined', code: 'incorrect_number', message: 'x', retryable: true },
    1,
  ],
  [
    'that our key is none',
    [fault(401, { type: 'invalid_request_error' })],
    { outcome: 'not-sent', code: 'status-401' },
    1,
  ],
  [
    'that the account may not do it',
    [method, fault(400, { type: 'invalid_request_error', code: 'parameter_unknown' })],
    { outcome: 'not-sent', code: 'parameter_unknown' },
    2,
  ],
  ['of 500 to the card, which charges nothing', [[500, {}]], { outcome: 'not-sent', code: 'status-500' }, 1],
  ['of 500 to the payment', [method, [500, {}]], { outcome: 'unknown', code: 'status-500' }, 2],
  [
    'of 409 to the payment',
    [method, fault(409, { type: 'idempotency_error' })],
    { outcome: 'unknown', code: 'status-409' },
    2,
  ],
  ['that is no payment intent', [method, [200, 'hello']], { outcome: 'unknown', code: 'answer-unreadable' }, 2],
  [
    'that it is not decided',
    [method, [200, { id: 'pi_1', status: 'processing' }]],
    { outcome: 'unknown', code: 'processing' },
    2,
  ],
];

describe('an answer of Stripe', () => {
  it.each(said)('%s', async (_, answers, outcome, asked) => {
    server.answers = answers;
    expect(await pay()).toEqual(outcome);
    expect(server.heard).toHaveLength(asked);
  });

  it('is asked for anew in a second try: a card has no key, by which Stripe would repeat its fault', async () => {
    server.answers = [[500, {}]];
    await pay();
    expect(server.heard[0]?.headers['idempotency-key']).toBeUndefined();
  });

  it('to a token never makes a payment unknown: nothing can have been charged', async () => {
    server.answers = [method, [200, { id: 'cus_1' }], [500, {}]];
    expect(await pay({ type: 'tokenise', amount: null })).toEqual({ outcome: 'not-sent', code: 'status-500' });
  });
});

describe("amounts are in Stripe's units", () => {
  it.each([
    ['JPY', 1250, 'amount=1250&'],
    ['ISK', 1250, 'amount=125000&'],
    ['UGX', 1250, 'amount=125000&'],
    ['MGA', 1200, 'amount=12&'],
    ['KWD', 1250, 'amount=1250&'],
  ])('%s', async (currency, amount, written) => {
    server.answers = [method, [200, { id: 'pi_1', status: 'succeeded' }]];
    await pay({ currency, amount });
    expect(server.heard[1]?.body).toContain(written);
  });

  it.each([
    ['MGA', 1250],
    ['KWD', 1251],
  ])('%s %i cannot be said, and nothing is sent', async (currency, amount) => {
    expect(await pay({ currency, amount })).toEqual({ outcome: 'not-sent', code: 'amount-not-representable' });
    expect(server.heard).toEqual([]);
  });
});

describe('an enquiry', () => {
  it.each<[string, object[], EnquiryAnswer]>([
    [
      'finds what was charged',
      [{ id: 'pi_1', status: 'succeeded', latest_charge: { refunded: false } }],
      { answer: 'paid', reference: 'pi_1' },
    ],
    [
      'finds what was given back',
      [{ id: 'pi_1', status: 'succeeded', latest_charge: { refunded: true } }],
      { answer: 'not-paid' },
    ],
    ['finds what was declined', [{ id: 'pi_1', status: 'requires_payment_method' }], { answer: 'not-paid' }],
    ['finds what is under way', [{ id: 'pi_1', status: 'processing' }], { answer: 'still-unknown' }],
    ['finds nothing, which says nothing: the search lags behind', [], { answer: 'still-unknown' }],
  ])('%s', async (_, data, answer) => {
    server.answers = [[200, { data }]];
    expect(await stripe.enquire(newAttemptId(), 'payment', signal)).toEqual(answer);
  });
});

describe('a void', () => {
  const charged: Answer = [200, { id: 'pi_1', status: 'succeeded' }];

  it.each<[string, Answer[], boolean]>([
    ['refunds what was charged', [charged, [200, { id: 're_1', status: 'succeeded' }]], true],
    [
      'was done before',
      [charged, fault(400, { type: 'invalid_request_error', code: 'charge_already_refunded' })],
      true,
    ],
    ['is refused', [charged, fault(400, { type: 'invalid_request_error', code: 'charge_disputed' })], false],
    ['has nothing to do', [[200, { id: 'pi_1', status: 'canceled' }]], true],
  ])('%s', async (_, answers, voided) => {
    server.answers = answers;
    expect(await stripe.voidPayment(newAttemptId(), 'pi_1', signal)).toBe(voided);
  });

  it.each<[string, Answer[]]>([
    ['is not decided yet', [charged, [200, { id: 're_1', status: 'pending' }]]],
    ['breaks', [charged, [500, {}]]],
    ['cannot find its payment', [[200, { data: [] }]]],
  ])('that %s leaves the payment unknown', async (_, answers) => {
    server.answers = answers;
    await expect(stripe.voidPayment(newAttemptId(), null, signal)).rejects.toThrow();
  });
});

describe('a refund', () => {
  it.each<[Answer, RefundOutcome]>([
    [[200, { id: 're_1', status: 'succeeded' }], { outcome: 'refunded', reference: 're_1' }],
    [[200, { id: 're_1', status: 'pending' }], { outcome: 'requested', reference: 're_1' }],
    [[200, { id: 're_1', status: 'failed' }], { outcome: 'declined', code: 'failed', message: '' }],
    [
      fault(400, { type: 'x', code: 'charge_already_refunded' }),
      { outcome: 'declined', code: 'charge_already_refunded', message: '' },
    ],
    [[401, {}], { outcome: 'not-sent', code: 'status-401' }],
    [[503, {}], { outcome: 'unknown', code: 'status-503' }],
  ])('answered with %o is %o', async (answer, outcome) => {
    server.answers = [answer];
    const order = {
      refund: newAttemptId(),
      attempt: newAttemptId(),
      reference: 'pi_1',
      amount: 1,
      currency: 'EUR',
      whole: false,
    };
    expect(await stripe.refund(order, signal)).toEqual(outcome);
  });
});
