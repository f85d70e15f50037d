import { isDefaultSecret } from '../../config/default-secrets.ts';
import { type Finding, fault, fine } from './finding.ts';

/** A secret that the gateway does not start without, by the name of its variable. */
export function secretCheck(name: string, secret: string | undefined): Finding {
  if (secret === undefined)
    return fault(name, 'not in the environment', 'set it: the gateway does not start without it');
  if (isDefaultSecret(secret))
    return fault(name, 'the one that the server comes with', 'choose another, in both places');
  return fine(name, 'set, and not a known default');
}
