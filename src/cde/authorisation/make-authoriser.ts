import { unreachable } from '../../shared/assert.ts';
import type { Clock } from '../../shared/clock.ts';
import type { CardVault } from '../entry/card-vault.ts';
import type { Notice } from '../messages.ts';
import type { RoomSettings } from '../room-settings.ts';
import { Authoriser } from './authoriser.ts';
import type { PaymentProvider } from './payment-provider.ts';
import { AdyenProvider } from './providers/adyen-provider.ts';
import { HttpProvider } from './providers/http-provider.ts';
import { Simulator } from './providers/simulator.ts';
import { StripeProvider } from './providers/stripe-provider.ts';
import { pspSecrets } from './psp-secrets.ts';
import { type PspSettings, readPspSettings } from './psp-settings.ts';

/** The authoriser with the providers of the settings. */
export function makeAuthoriser(
  settings: RoomSettings,
  vault: CardVault,
  clock: Clock,
  tell: (notice: Notice) => void,
): Authoriser {
  const providers = readPspSettings(settings.psps).map((psp) => [psp.id, providerOf(psp, clock)] as const);
  return new Authoriser({
    providers: new Map(providers),
    vault,
    clock,
    keepPanAfterDecline: settings.keepPanAfterDecline,
    report: (word) => tell({ kind: 'incident', word, call: null }),
  });
}

function providerOf(psp: PspSettings, clock: Clock): PaymentProvider {
  switch (psp.adapter) {
    case 'simulator':
      return new Simulator(psp, clock);
    case 'http':
      return new HttpProvider(psp, clock, pspSecrets(psp.id, process.env));
    case 'stripe':
      return new StripeProvider(psp, clock, pspSecrets(psp.id, process.env));
    case 'adyen':
      return new AdyenProvider(psp, clock, pspSecrets(psp.id, process.env));
    default:
      return unreachable(psp.adapter);
  }
}
