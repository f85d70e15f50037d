import type { CardRequest } from '../../src/cde/authorisation/payment-provider.ts';
import type { PaymentOrder } from '../../src/cde/messages.ts';
import { newAttemptId } from '../../src/shared/ids.ts';
import { filledBuffer } from './filled-buffer.ts';

/** What a provider is handed for a charge of 12.50 EUR on a test card, with `code` as its security code. */
export const cardRequest = (changed: Partial<PaymentOrder> = {}, code: string | null = null): CardRequest => ({
  attempt: newAttemptId(),
  order: {
    type: 'charge',
    amount: 1250,
    currency: 'EUR',
    details: { expiry: '12/29' },
    acceptedSurcharge: null,
    ...changed,
  },
  pan: filledBuffer('4111111111111111'),
  brand: 'visa',
  cvc: code === null ? null : filledBuffer(code),
});
