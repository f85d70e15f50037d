import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Authoriser } from '../../src/cde/authorisation/authoriser.ts';
import * as documents from '../../src/cde/authorisation/providers/http-document.ts';
import { HttpProvider } from '../../src/cde/authorisation/providers/http-provider.ts';
import type { PspSecrets } from '../../src/cde/authorisation/psp-secrets.ts';
import { readPspSettings } from '../../src/cde/authorisation/psp-settings.ts';
import { brandRule } from '../../src/cde/entry/brand-table.ts';
import { CardVault } from '../../src/cde/entry/card-vault.ts';
import { liveWipeables } from '../../src/cde/entry/wipe-registry.ts';
import type { AuthorisationOutcome, Incident, PaymentOrder } from '../../src/cde/messages.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { type AttemptId, newAttemptId, newSessionId } from '../../src/shared/ids.ts';
import { certificatePath, FaultPsp, type PspFault } from '../support/fault-psp.ts';
import { filledBuffer } from '../support/filled-buffer.ts';

const visa = '4111111111111111';
const tls = { ca: certificatePath('ca.pem'), cert: certificatePath('client.pem'), key: certificatePath('client.key') };
const nobody: PspSecrets = { credential: undefined, passphrase: undefined };

let psp: FaultPsp;
let incidents: Incident[];

beforeEach(() => {
  incidents = [];
});

afterEach(async () => {
  await psp.close();
});

const provider = (settings: Record<string, unknown> = {}, secrets = nobody): HttpProvider => {
  const [read] = readPspSettings([{ id: 'shop', adapter: 'http', url: psp.url, timeoutSeconds: 5, ...settings }]);
  if (read === undefined) throw new Error('no settings');
  return new HttpProvider(read, systemClock, secrets);
};

/** An authoriser with one card, and the provider behind it. */
const paying = (settings: Record<string, unknown> = {}, secrets = nobody) => {
  const vault = new CardVault(10);
  const shop = provider(settings, secrets);
  const report = (word: Incident): void => void incidents.push(word);
  const authoriser = new Authoriser({
    providers: new Map([['shop', shop]]),
    vault,
    clock: systemClock,
    keepPanAfterDecline: false,
    report,
  });
  const pay = (reference: string, attempt: AttemptId = newAttemptId(), changed: Partial<PaymentOrder> = {}) => {
    const session = newSessionId();
    const pan = filledBuffer(visa);
    const brand = brandRule(pan.expose());
    if (brand === undefined) throw new Error('no brand');
    vault.keepPan(session, pan, brand);
    vault.keepCvc(session, filledBuffer('123'));
    const details = { reference, expiry: '12/29', cardholder: 'Ōba "A" Ünal' };
    const order: PaymentOrder = {
      type: 'charge',
      amount: 1250,
      currency: 'EUR',
      details,
      acceptedSurcharge: null,
      ...changed,
    };
    return authoriser.authorise({ session, attempt, psp: 'shop', order, last: true });
  };
  return { authoriser, pay };
};

describe('what is sent', () => {
  it('is one document in the published words, with the attempt as its key, over TLS with our certificate', async () => {
    psp = await FaultPsp.open({ tls: true });
    const before = liveWipeables();
    const { pay } = paying({ tls }, { credential: 's3cret', passphrase: undefined });
    const attempt = newAttemptId();
    expect(await pay('none', attempt)).toEqual({ outcome: 'approved', reference: 'P-1' });
    const [{ document, key, headers, body } = never()] = psp.received;
    expect(documents.authoriseDocument.parse(JSON.parse(body))).toEqual(document);
    expect(document).toMatchObject({
      operation: 'authorise',
      attempt,
      amount: 1250,
      currency: 'EUR',
      exponent: 2,
      card: { number: visa, securityCode: '123', brand: 'visa', entry: 'telephone' },
      details: { cardholder: 'Ōba "A" Ünal' },
    });
    expect([key, headers.authorization, headers.connection]).toEqual([attempt, 'Bearer s3cret', 'close']);
    expect(Number(headers['content-length'])).toBe(Buffer.byteLength(body));
    // The card was last in a payment that came to an end, and the request is wiped too.
    expect(liveWipeables()).toBe(before);
  });

  it.each([
    ['JPY', 0],
    ['KWD', 3],
    ['HUF', 2],
  ])('says how many digits %s has behind the point (ISO 4217): %i', async (currency, exponent) => {
    psp = await FaultPsp.open();
    await paying().pay('none', newAttemptId(), { currency });
    expect(psp.received[0]?.document).toMatchObject({ currency, exponent });
  });
});

const never = (): never => {
  throw new Error('nothing was received');
};

describe('an answer', () => {
  it.each<[PspFault, AuthorisationOutcome]>([
    ['none', { outcome: 'approved', reference: 'P-1' }],
    ['slow', { outcome: 'approved', reference: 'P-1' }],
    ['duplicate', { outcome: 'approved', reference: 'P-1' }],
    ['two-answers', { outcome: 'approved', reference: 'P-1' }],
    ['decline', { outcome: 'declined', code: 'insufficient-funds', message: 'Not enough funds', retryable: true }],
    ['surcharge', { outcome: 'surcharge', surcharge: 50, total: 1300 }],
    ['refuse', { outcome: 'not-sent', code: 'refused' }],
    ['echo', { outcome: 'approved', reference: 'P-****************' }],
    ['reset-before-commit', { outcome: 'unknown', code: 'connection-lost' }],
    ['reset-after-commit', { outcome: 'unknown', code: 'connection-lost' }],
    ['error-before-commit', { outcome: 'unknown', code: 'status-500' }],
    ['error-after-commit', { outcome: 'unknown', code: 'status-500' }],
    ['truncated', { outcome: 'unknown', code: 'connection-lost' }],
    ['garbage', { outcome: 'unknown', code: 'status-200' }],
    ['flood', { outcome: 'unknown', code: 'connection-lost' }],
    ['head-flood', { outcome: 'unknown', code: 'connection-lost' }],
    ['redirect', { outcome: 'unknown', code: 'status-307' }],
  ])('of a provider that does %s is taken for what it is, and asked for once', async (fault, outcome) => {
    psp = await FaultPsp.open();
    const { pay, authoriser } = paying();
    const attempt = newAttemptId();
    expect(await pay(fault, attempt)).toEqual(outcome);
    expect(psp.asked(fault)).toBe(1);
    expect(psp.books.commits(attempt)).toBeLessThanOrEqual(1);
    if (outcome.outcome === 'unknown') {
      // The same attempt again is not sent again; an enquiry says what the books say.
      expect(await pay(fault, attempt)).toEqual(outcome);
      expect(psp.asked(fault)).toBe(1);
      const paid = psp.books.stands(attempt);
      expect(await authoriser.enquire(attempt, 'shop', 'payment')).toMatchObject({
        answer: paid ? 'paid' : 'not-paid',
      });
    }
  });

  it('that does not come in time leaves it unknown; a charge that comes late is found by an enquiry', async () => {
    psp = await FaultPsp.open();
    const { pay, authoriser } = paying({ timeoutSeconds: 0.2 });
    const attempt = newAttemptId();
    expect(await pay('hold-before-commit', attempt)).toEqual({ outcome: 'unknown', code: 'timed-out' });
    expect(await authoriser.enquire(attempt, 'shop', 'payment')).toEqual({ answer: 'still-unknown' });
    psp.release('hold-before-commit');
    await expect.poll(() => psp.books.commits(attempt)).toBe(1);
    expect(await authoriser.enquire(attempt, 'shop', 'payment')).toEqual({ answer: 'paid', reference: 'P-1' });
    expect(psp.asked('hold-before-commit')).toBe(1);
  });

  it('with a surcharge is asked for again under a key of its own, and charged once (P-61)', async () => {
    psp = await FaultPsp.open();
    const { pay } = paying();
    const attempt = newAttemptId();
    await pay('surcharge', attempt);
    const paid = await pay('surcharge', attempt, { acceptedSurcharge: 50 });
    expect(paid).toEqual({ outcome: 'approved', reference: 'P-1' });
    expect(psp.received.map(({ key }) => key)).toEqual([attempt, `${attempt}.surcharge-50`]);
    expect(psp.books.commits(attempt)).toBe(1);
  });

  it('of "not paid" is final: a request that comes later is not charged', async () => {
    psp = await FaultPsp.open();
    const { pay, authoriser } = paying();
    const attempt = newAttemptId();
    expect(await authoriser.enquire(attempt, 'shop', 'payment')).toEqual({ answer: 'not-paid' });
    expect(await pay('none', attempt)).toMatchObject({ outcome: 'declined', code: 'too-late' });
    expect(psp.books.commits(attempt)).toBe(0);
  });
});

describe('what is certainly not sent', () => {
  it('is a payment to nobody: the port is closed', async () => {
    psp = await FaultPsp.open();
    const { pay } = paying();
    await psp.close();
    expect(await pay('none')).toEqual({ outcome: 'not-sent', code: 'connection-failed' });
    expect(incidents).toEqual(['psp-refused-connection']);
    psp = await FaultPsp.open();
  });

  it.each<[string, string, Record<string, unknown>]>([
    ['a provider whose certificate nobody vouches for', 'connection-failed', { cert: tls.cert, key: tls.key }],
    ['a provider that wants a certificate and gets none', 'certificate-refused', { ca: tls.ca }],
  ])('is a payment to %s', async (_, code, files) => {
    psp = await FaultPsp.open({ tls: true });
    expect(await paying({ tls: files }).pay('none')).toEqual({ outcome: 'not-sent', code });
    expect(psp.received).toEqual([]);
  });

  it('is not what a provider drops without a word: it may have read it, whatever it thinks of our certificate', async () => {
    psp = await FaultPsp.open({ tls: true });
    const stranger = { ca: tls.ca, cert: certificatePath('stranger.pem'), key: certificatePath('stranger.key') };
    expect(await paying({ tls: stranger }).pay('none')).toEqual({ outcome: 'unknown', code: 'connection-lost' });
    expect(psp.received).toEqual([]);
  });

  it('is anything to plain HTTP beyond this machine', async () => {
    psp = await FaultPsp.open();
    expect(() => provider({ url: 'http://192.0.2.1/pay' })).toThrow(expect.objectContaining({ code: 'unknown-psp' }));
    expect(() => provider({ url: 'ftp://127.0.0.1/' })).toThrow(expect.objectContaining({ code: 'unknown-psp' }));
  });
});

describe('giving back', () => {
  it('voids, refunds in parts and asks about a refund, each in the published words', async () => {
    psp = await FaultPsp.open();
    const { pay, authoriser } = paying();
    const [first, second] = [newAttemptId(), newAttemptId()];
    await pay('none:a', first);
    await pay('none:b', second);
    expect(await authoriser.voidPayment(first, 'shop', 'P-1')).toEqual({ voided: true });
    expect(psp.books.stands(first)).toBe(false);
    const refund = newAttemptId();
    const order = { refund, attempt: second, reference: 'P-2', amount: 1000, currency: 'EUR', whole: false };
    const refunded = { outcome: 'refunded', reference: `R-${refund.slice(0, 8)}` };
    expect([await authoriser.refund('shop', order), await authoriser.refund('shop', order)]).toEqual([
      refunded,
      refunded,
    ]);
    const more = { ...order, refund: newAttemptId(), amount: 251 };
    expect(await authoriser.refund('shop', more)).toEqual({ outcome: 'declined', code: 'too-much', message: '' });
    expect(await authoriser.enquire(refund, 'shop', 'refund')).toEqual({
      answer: 'paid',
      reference: refunded.reference,
    });
    expect(await authoriser.enquire(more.refund, 'shop', 'refund')).toEqual({ answer: 'not-paid' });
    const read = {
      enquire: documents.enquireDocument,
      void: documents.voidDocument,
      refund: documents.refundDocument,
      authorise: documents.authoriseDocument,
    };
    for (const { body, document } of psp.received) read[document.operation].parse(JSON.parse(body));
  });

  it('is unknown when the provider is gone, and certain when nothing reached it', async () => {
    psp = await FaultPsp.open();
    const { authoriser } = paying();
    await psp.close();
    const order = { refund: newAttemptId(), attempt: newAttemptId(), reference: null, amount: 1, currency: 'EUR' };
    expect(await authoriser.refund('shop', { ...order, whole: true })).toMatchObject({ outcome: 'not-sent' });
    expect(await authoriser.voidPayment(order.attempt, 'shop', null)).toEqual({ voided: false });
    psp = await FaultPsp.open();
  });

  it('is offered as far as the endpoint does it', async () => {
    psp = await FaultPsp.open();
    expect(provider({ supports: ['enquire'] }).describe().can).toEqual({
      enquire: true,
      void: false,
      refund: false,
      partialRefund: false,
    });
    expect(provider().describe().can.partialRefund).toBe(true);
  });
});
