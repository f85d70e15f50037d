import { readFileSync } from 'node:fs';
import Stripe from 'stripe';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CardRequest, PaymentProvider } from '../../src/cde/authorisation/payment-provider.ts';
import { AdyenProvider } from '../../src/cde/authorisation/providers/adyen-provider.ts';
import { StripeProvider, stripeVersion } from '../../src/cde/authorisation/providers/stripe-provider.ts';
import { readPspSettings } from '../../src/cde/authorisation/psp-settings.ts';
import type { PaymentOrder } from '../../src/cde/messages.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { newAttemptId } from '../../src/shared/ids.ts';
import { type AdyenCheckout, adyenLibrary } from '../support/adyen-library.ts';
import { AnsweringServer, type HeardRequest } from '../support/answering-server.ts';
import { certificatePath } from '../support/fault-psp.ts';
import { filledBuffer } from '../support/filled-buffer.ts';

/** What our request and theirs must have alike beside method, address and body. */
const alike = ['authorization', 'x-api-key', 'content-type', 'idempotency-key', 'stripe-version', 'content-length'];

let server: AnsweringServer;

afterEach(() => server.close());

const compared = ({ headers, ...rest }: HeardRequest) => ({
  ...rest,
  headers: Object.fromEntries(alike.map((name) => [name, headers[name]])),
});

const secrets = { credential: 'sk_test_1', passphrase: undefined };
const signal = new AbortController().signal;

const request = (changed: Partial<PaymentOrder> = {}): CardRequest => ({
  attempt: newAttemptId(),
  order: {
    type: 'charge',
    amount: 1250,
    currency: 'EUR',
    details: { cardholder: `Ōba "A" O'Neil (x)*!`, reference: 'A 1&2=3', expiry: '09/29', postcode: '150-0001' },
    acceptedSurcharge: null,
    ...changed,
  },
  pan: filledBuffer('4111111111111111'),
  brand: 'visa',
  cvc: filledBuffer('123'),
});

const settings = (adapter: string, url: string) => {
  const tls = { ca: certificatePath('ca.pem') };
  const [psp] = readPspSettings([{ id: 'psp', adapter, url, tls, merchantAccount: 'ShopECOM' }]);
  if (psp === undefined) throw new Error('no settings');
  return psp;
};

const stripeOfOurs = (): PaymentProvider =>
  new StripeProvider(settings('stripe', `http://127.0.0.1:${server.port}`), systemClock, secrets);
const stripeOfTheirs = (): Stripe =>
  new Stripe('sk_test_1', {
    host: '127.0.0.1',
    port: server.port,
    protocol: 'http',
    telemetry: false,
    maxNetworkRetries: 0,
  });

const adyenOfOurs = (): PaymentProvider =>
  new AdyenProvider(settings('adyen', `https://127.0.0.1:${server.port}`), systemClock, secrets);

/** The real client with its own writer, which knows TLS only; its requests are turned to our server. */
function adyenOfTheirs(): AdyenCheckout {
  const { Client, CheckoutAPI, EnvironmentEnum } = adyenLibrary;
  const client = new Client({ apiKey: 'sk_test_1', environment: EnvironmentEnum.TEST });
  const real = Object.assign(client.httpClient, { agentOptions: { ca: readFileSync(certificatePath('ca.pem')) } });
  client.httpClient = {
    request: (endpoint, ...rest) =>
      real.request(endpoint.replace(/^https:\/\/[^/]+\/v\d+/, `https://127.0.0.1:${server.port}`), ...rest),
  };
  return new CheckoutAPI(client);
}

/** Adyen's client sends in chunks, ours in one piece that says how long it is; and a GET needs no length. */
const apartFromLength = (heard: HeardRequest) => {
  const { headers, ...rest } = compared(heard);
  return { ...rest, headers: { ...headers, 'content-length': undefined } };
};

describe('what we write to Stripe is what its own client 23.1.0 would write, byte by byte', () => {
  beforeEach(async () => {
    server = await AnsweringServer.open();
  });

  it.each(['charge', 'authorise'] as const)('to %s', async (type) => {
    const asked = request({ type });
    const { attempt } = asked;
    server.answers = [
      [200, { id: 'pm_1' }],
      [200, { id: 'pi_1', status: type === 'charge' ? 'succeeded' : 'requires_capture' }],
    ];
    expect(await stripeOfOurs().authorise(asked, signal)).toEqual({ outcome: 'approved', reference: 'pi_1' });
    server.answers = [[200, {}]];
    const stripe = stripeOfTheirs();
    await stripe.paymentMethods.create({
      type: 'card',
      card: { number: '4111111111111111', exp_month: 9, exp_year: 2029, cvc: '123' },
      billing_details: { name: `Ōba "A" O'Neil (x)*!`, address: { postal_code: '150-0001' } },
    });
    await stripe.paymentIntents.create(
      {
        amount: 1250,
        currency: 'eur',
        payment_method: 'pm_1',
        allowed_payment_method_types: ['card'],
        payment_method_options: { card: { moto: true } },
        capture_method: type === 'charge' ? 'automatic' : 'manual',
        confirm: true,
        error_on_requires_action: true,
        metadata: { tonelock_attempt: attempt },
        description: 'A 1&2=3',
      },
      { idempotencyKey: attempt },
    );
    const heard = server.heard.map(compared);
    expect(heard).toHaveLength(4);
    // Their client makes a key of its own where it is given none.
    const { 'idempotency-key': _, ...ofTheirCard } = heard[2]?.headers ?? {};
    expect(heard[0]).toEqual({ ...heard[2], headers: { ...ofTheirCard, 'idempotency-key': undefined } });
    expect(heard[1]).toEqual(heard[3]);
    expect(heard[1]?.headers['stripe-version']).toBe(stripeVersion);
    expect(heard[1]?.body).not.toContain('4111');
  });

  it('to make a token that can be charged later (P-20…P-23)', async () => {
    const asked = request({ type: 'tokenise', amount: null, details: { expiry: '12/30' } });
    server.answers = [
      [200, { id: 'pm_1' }],
      [200, { id: 'cus_1' }],
      [200, { id: 'seti_1', status: 'succeeded' }],
    ];
    expect(await stripeOfOurs().authorise(asked, signal)).toEqual({ outcome: 'approved', reference: 'pm_1' });
    server.answers = [[200, {}]];
    await stripeOfTheirs().setupIntents.create(
      {
        payment_method: 'pm_1',
        customer: 'cus_1',
        allowed_payment_method_types: ['card'],
        payment_method_options: { card: { moto: true } },
        usage: 'off_session',
        confirm: true,
        metadata: { tonelock_attempt: asked.attempt },
      },
      { idempotencyKey: asked.attempt },
    );
    const heard = server.heard.map(compared);
    expect(heard[2]).toEqual(heard[3]);
  });

  it('to ask, to void and to refund', async () => {
    const ours = stripeOfOurs();
    const [attempt, refund] = [newAttemptId(), newAttemptId()];
    server.answers = [
      [200, { data: [{ id: 'pi_1', status: 'succeeded' }] }],
      [200, { id: 'pi_1', status: 'requires_capture' }],
      [200, { id: 'pi_1', status: 'canceled' }],
      [200, { id: 're_1', status: 'succeeded' }],
    ];
    expect(await ours.enquire(attempt, 'payment', signal)).toEqual({ answer: 'paid', reference: 'pi_1' });
    expect(await ours.voidPayment(attempt, 'pi_1', signal)).toBe(true);
    const order = { refund, attempt, reference: 'pi_1', amount: 50, currency: 'EUR', whole: false };
    expect(await ours.refund(order, signal)).toEqual({ outcome: 'refunded', reference: 're_1' });
    server.answers = [[200, { data: [] }]];
    const stripe = stripeOfTheirs();
    await stripe.paymentIntents.search({
      query: `metadata["tonelock_attempt"]:"${attempt}"`,
      expand: ['data.latest_charge'],
    });
    await stripe.paymentIntents.retrieve('pi_1', { expand: ['latest_charge'] });
    await stripe.paymentIntents.cancel('pi_1', {}, { idempotencyKey: `${attempt}.void` });
    await stripe.refunds.create(
      { payment_intent: 'pi_1', amount: 50, metadata: { tonelock_refund: refund } },
      { idempotencyKey: refund },
    );
    const plain = server.heard.map(apartFromLength);
    expect(plain.slice(0, 4)).toEqual(plain.slice(4));
  });
});

describe('what we write to Adyen is what its own client 32.1.0 would write, byte by byte', () => {
  beforeEach(async () => {
    server = await AnsweringServer.open(true);
  });

  it.each(['charge', 'authorise'] as const)('to %s', async (type) => {
    const asked = request({ type });
    server.answers = [[200, { resultCode: 'Authorised', pspReference: 'NC6HT9CRT65ZGN82' }]];
    const outcome = await adyenOfOurs().authorise(asked, signal);
    expect(outcome).toEqual({ outcome: 'approved', reference: 'NC6HT9CRT65ZGN82' });
    const payment = {
      amount: { currency: 'EUR', value: 1250 },
      ...(type === 'charge' ? { captureDelayHours: 0 } : { additionalData: { manualCapture: 'true' } }),
      merchantAccount: 'ShopECOM',
      merchantOrderReference: 'A 1&2=3',
      paymentMethod: {
        type: 'scheme',
        number: '4111111111111111',
        expiryMonth: '09',
        expiryYear: '2029',
        cvc: '123',
        holderName: `Ōba "A" O'Neil (x)*!`,
      },
      reference: asked.attempt,
      returnUrl: `https://127.0.0.1:${server.port}/`,
      shopperInteraction: 'Moto',
    };
    await adyenOfTheirs().PaymentsApi.payments(payment, { idempotencyKey: asked.attempt });
    const [ours, theirs] = server.heard.map(apartFromLength);
    expect(ours).toEqual(theirs);
    expect(server.heard[0]?.headers['x-api-key']).toBe('sk_test_1');
  });

  it('to refund', async () => {
    const [attempt, refund] = [newAttemptId(), newAttemptId()];
    server.answers = [[201, { status: 'received', pspReference: 'R8' }]];
    const order = { refund, attempt, reference: 'NC6HT9CRT65ZGN82', amount: 50, currency: 'EUR', whole: false };
    expect(await adyenOfOurs().refund(order, signal)).toEqual({ outcome: 'requested', reference: 'R8' });
    const modifications = adyenOfTheirs().ModificationsApi;
    const theirs = { amount: { currency: 'EUR', value: 50 }, merchantAccount: 'ShopECOM', reference: refund };
    await modifications.refundCapturedPayment('NC6HT9CRT65ZGN82', theirs, { idempotencyKey: refund });
    const [first, second] = server.heard.map(apartFromLength);
    expect(first).toEqual(second);
  });
});
