import { type PspDescription, paymentTypes } from '../../messages.ts';
import { describeProvider } from '../provider-description.ts';
import type { PspSettings } from '../psp-settings.ts';

/** The simulator as a provider describes itself. */
export const simulatorDescription = (psp: PspSettings): PspDescription =>
  describeProvider(psp, {
    label: { en: 'Simulator', ja: 'シミュレーター' },
    types: paymentTypes,
    can: { enquire: true, void: true, refund: true, partialRefund: true },
    // Called, not written to: the attempt itself is the key, for as long as the process lives.
    idempotency: { header: null, hours: null },
  });
