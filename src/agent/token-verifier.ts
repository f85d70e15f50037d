import type { Clock } from '../shared/clock.ts';
import { isLoopback } from '../shared/listen-address.ts';
import type { TokenVerifier } from './identity.ts';
import { simulatedVerifier } from './simulated-token.ts';

/** Longer than any token with six permissions needs; what is longer is not looked at. */
export const tokenLengthLimit = 4096;

export type TokenSettings =
  | { readonly kind: 'simulated' }
  | {
      readonly kind: 'jwt';
      readonly issuer: string;
      readonly audience: string;
      /** An `https://` address, or the path of a file that holds a JSON Web Key Set. */
      readonly jwks: string;
    };

/** @throws {Error} naming `agents.tokens` or `agents.jwt.jwks` when these settings are unsafe or unusable. */
export async function createTokenVerifier(
  settings: TokenSettings,
  listenHost: string,
  clock: Clock,
): Promise<TokenVerifier> {
  if (settings.kind === 'jwt') {
    const { jwtVerifier } = await import('./jwt-token.ts');
    return await jwtVerifier(settings, clock);
  }
  if (!isLoopback(listenHost)) {
    throw new Error(
      `agents.tokens: simulated tokens let anybody in and work on loopback only; http.listen is ${listenHost}, so set agents.tokens to jwt`,
    );
  }
  return simulatedVerifier;
}
