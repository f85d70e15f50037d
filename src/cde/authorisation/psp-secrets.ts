import { CodedError } from '../../shared/coded-error.ts';
import { pspSecretName } from '../../shared/psp-schema.ts';
import type { AdapterName, PspSettings } from './psp-settings.ts';

/** What a provider's adapter proves itself with. */
export interface PspSecrets {
  readonly credential: string | undefined;
  readonly passphrase: string | undefined;
}

/** Adapters whose provider takes nothing without a credential. */
const needCredential: readonly AdapterName[] = ['stripe', 'adyen'];

/** @throws {CodedError} `unknown-psp` naming the variable that is missing for the first provider that cannot do without. */
export function requireCredentials(psps: readonly PspSettings[], env: NodeJS.ProcessEnv): void {
  const lacking = psps.find((psp) => needCredential.includes(psp.adapter) && !pspSecrets(psp.id, env).credential);
  if (lacking === undefined) return;
  const message = `${lacking.id} needs ${pspSecretName(lacking.id, 'SECRET')} in the environment`;
  throw new CodedError('unknown-psp', message, ['payments.psps']);
}

/** The room's own environment holds them; the gateway passes on what is named so. */
export function pspSecrets(id: string, env: NodeJS.ProcessEnv): PspSecrets {
  // A secret that comes from a file often has a line's end behind it.
  const read = (what: 'SECRET' | 'PASSPHRASE') => env[pspSecretName(id, what)]?.trim() || undefined;
  return { credential: read('SECRET'), passphrase: read('PASSPHRASE') };
}
