import { expect, test } from 'vitest';
import { rehearse } from '../../../src/composition/rehearsal.ts';
import { defaultConfig } from '../../../src/config/load-config.ts';
import { deskSettings } from '../../../src/payment/desk-settings.ts';
import { FakeClock } from '../../support/fake-clock.ts';

test('The rehearsal at start plays whole payments, whatever is filled in or asked for, and leaves nothing behind', async () => {
  const clock = new FakeClock();
  const settings = deskSettings(defaultConfig());
  await rehearse(settings, clock);
  await rehearse({ ...settings, prefill: { amount: 5000, cardholder: 'A N OTHER' }, defaultPsp: 'other' }, clock);
  expect(clock.pending).toBe(0);
});
