import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AdyenProvider } from '../../../src/cde/authorisation/providers/adyen-provider.ts';
import { readPspSettings } from '../../../src/cde/authorisation/psp-settings.ts';
import type { AuthorisationOutcome, PaymentOrder, RefundOutcome } from '../../../src/cde/messages.ts';
import { systemClock } from '../../../src/shared/clock.ts';
import { newAttemptId } from '../../../src/shared/ids.ts';
import { type Answer, AnsweringServer } from '../../support/answering-server.ts';
import { cardRequest } from '../../support/card-request.ts';

const { signal } = new AbortController();

let server: AnsweringServer;
let adyen: AdyenProvider;

beforeEach(async () => {
  server = await AnsweringServer.open();
  const entry = { id: 'a', adapter: 'adyen', url: `http://127.0.0.1:${server.port}/v72`, merchantAccount: 'Shop' };
  const [psp] = readPspSettings([entry]);
  if (psp === undefined) throw new Error('no settings');
  adyen = new AdyenProvider(psp, systemClock, { credential: 'key', passphrase: undefined });
});

afterEach(() => server.close());

const pay = (changed: Partial<PaymentOrder> = {}): Promise<AuthorisationOutcome> =>
  adyen.authorise(cardRequest(changed), signal);

describe('an answer of Adyen', () => {
  it.each<[string, Answer, AuthorisationOutcome]>([
    [
      'that it is authorised',
      [200, { resultCode: 'Authorised', pspReference: 'P8' }],
      { outcome: 'approved', reference: 'P8' },
    ],
    [
      'that it is refused',
      [200, { resultCode: 'Refused', refusalReason: 'Not enough balance', refusalReasonCode: '12' }],
      { outcome: 'declined', code: '12', message: 'Not enough balance', retryable: true },
    ],
    [
      'that the card is blocked',
      [200, { resultCode: 'Refused', refusalReason: 'Blocked Card', refusalReasonCode: '5' }],
      { outcome: 'declined', code: '5', message: 'Blocked Card', retryable: false },
    ],
    ['that it is received and no more', [200, { resultCode: 'Received' }], { outcome: 'unknown', code: 'Received' }],
    ['that the request is wrong', [422, { errorCode: '14_004' }], { outcome: 'not-sent', code: '14_004' }],
    ['that the key is none', [401, { errorCode: '000' }], { outcome: 'not-sent', code: '000' }],
    ['that the attempt is under way already', [422, { errorCode: '704' }], { outcome: 'unknown', code: '704' }],
    ['of 500', [500, {}], { outcome: 'unknown', code: 'status-500' }],
    ['that is nothing', [200, []], { outcome: 'unknown', code: 'answer-unreadable' }],
  ])('%s', async (_, answer, outcome) => {
    server.answers = [answer];
    expect(await pay()).toEqual(outcome);
    expect(server.heard).toMatchObject([{ method: 'POST', url: '/v72/payments' }]);
  });
});

describe("amounts are in Adyen's units", () => {
  it.each([
    ['ISK', 1250, 125_000],
    ['CLP', 1250, 125_000],
    ['IDR', 1200, 12],
    ['KWD', 1250, 1250],
  ])('%s', async (currency, amount, value) => {
    await pay({ currency, amount });
    expect(JSON.parse(server.heard[0]?.body ?? '{}')).toMatchObject({
      amount: { currency, value },
      shopperInteraction: 'Moto',
    });
  });

  it('one that cannot be said is not sent', async () => {
    expect(await pay({ currency: 'IDR', amount: 1250 })).toMatchObject({ outcome: 'not-sent' });
    expect(server.heard).toEqual([]);
  });
});

describe('what Adyen does beside authorising', () => {
  it('is refunds, which it only ever takes in; it can neither be asked nor voided for certain', async () => {
    expect(adyen.describe().can).toEqual({ enquire: false, void: false, refund: true, partialRefund: true });
    expect(adyen.describe().types).toEqual(['charge', 'authorise']);
  });

  it.each<[Answer, RefundOutcome]>([
    [[201, { status: 'received', pspReference: 'R8' }], { outcome: 'requested', reference: 'R8' }],
    [[422, { errorCode: '167' }], { outcome: 'not-sent', code: '167' }],
    [[500, {}], { outcome: 'unknown', code: 'status-500' }],
  ])('a refund answered with %o is %o', async (answer, outcome) => {
    server.answers = [answer];
    const order = {
      refund: newAttemptId(),
      attempt: newAttemptId(),
      reference: 'P/8',
      amount: 1,
      currency: 'EUR',
      whole: false,
    };
    expect(await adyen.refund(order, signal)).toEqual(outcome);
    expect(server.heard[0]?.url).toBe('/v72/payments/P%2F8/refunds');
  });
});
