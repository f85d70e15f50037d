import { expect, test } from 'vitest';
import { Authoriser } from '../../../src/cde/authorisation/authoriser.ts';
import { brandRule } from '../../../src/cde/entry/brand-table.ts';
import { CardVault } from '../../../src/cde/entry/card-vault.ts';
import type { AuthorisationOutcome, PaymentOrder } from '../../../src/cde/messages.ts';
import { newAttemptId, newSessionId } from '../../../src/shared/ids.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';
import { filledBuffer } from '../../support/filled-buffer.ts';
import { PaperProvider } from '../../support/paper-provider.ts';

const order: PaymentOrder = { type: 'charge', amount: 4200, currency: 'JPY', details: {}, acceptedSurcharge: null };
const approved: AuthorisationOutcome = { outcome: 'approved', reference: 'R' };
const quote: AuthorisationOutcome = { outcome: 'surcharge', surcharge: 84, total: 4284 };
const hourMs = 3_600_000;

test.each([
  ['within the hours for which the provider knows its key', { header: 'Key', hours: 2 }, 2 * hourMs - 1, 2],
  ['after those', { header: 'Key', hours: 2 }, 2 * hourMs, 1],
  ['where the provider knows no repeats', null, 1, 1],
  ['where the provider never forgets', { header: null, hours: null }, 99 * hourMs, 2],
])(
  'an attempt that comes again %s reaches the provider only if that would know it',
  async (_, idempotency, laterMs, requests) => {
    const [clock, vault, provider, session] = [new FakeClock(), new CardVault(10), new PaperProvider(), newSessionId()];
    provider.description = { ...provider.description, idempotency };
    const providers = new Map([['paper', provider]]);
    const authoriser = new Authoriser({ providers, vault, clock, keepPanAfterDecline: true, report: () => {} });
    const pan = filledBuffer('4111111111111111');
    const brand = brandRule(pan.expose());
    if (brand === undefined) throw new Error('no brand');
    vault.keepPan(session, pan, brand);
    vault.keepCvc(session, filledBuffer('123'));
    const attempt = newAttemptId();
    const asked = async (answer: AuthorisationOutcome, acceptedSurcharge: number | null) => {
      const coming = authoriser.authorise({
        session,
        attempt,
        psp: 'paper',
        order: { ...order, acceptedSurcharge },
        last: true,
      });
      await settle();
      provider.answer.resolve(answer);
      return coming;
    };
    expect(await asked(quote, null)).toEqual(quote);
    clock.advance(laterMs);
    expect(await asked(approved, 84)).toEqual(
      requests === 2 ? approved : { outcome: 'not-sent', code: 'key-forgotten' },
    );
    expect(provider.requests).toHaveLength(requests);
  },
);
