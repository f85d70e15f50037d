import { pspSecretName } from '../../shared/psp-schema.ts';

/** What a provider's adapter proves itself with. */
export interface PspSecrets {
  readonly credential: string | undefined;
  readonly passphrase: string | undefined;
}

/** The room's own environment holds them; the gateway passes on what is named so. */
export function pspSecrets(id: string, env: NodeJS.ProcessEnv): PspSecrets {
  const read = (what: 'SECRET' | 'PASSPHRASE') => env[pspSecretName(id, what)] || undefined;
  return { credential: read('SECRET'), passphrase: read('PASSPHRASE') };
}
