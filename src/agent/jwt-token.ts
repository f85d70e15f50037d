import { createRemoteJWKSet, errors, type JWTPayload, type JWTVerifyGetKey, jwtVerify } from 'jose';
import { assert } from '../shared/assert.ts';
import type { Clock } from '../shared/clock.ts';
import { CodedError } from '../shared/coded-error.ts';
import { isLoopback } from '../shared/listen-address.ts';
import type { Identity, TokenVerifier } from './identity.ts';
import { keyFile } from './key-file.ts';
import { isPermission } from './permission.ts';
import { everybody } from './route.ts';

/** Signatures by key pairs only: a shared secret or `none` is never accepted (RFC 8725 §3.1, §3.2). */
export const acceptedAlgorithms = ['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512', 'ES256', 'ES384', 'EdDSA'];

/** How far the clocks of issuer and gateway may differ. */
const clockToleranceSeconds = 5;
const jwksTimeoutMs = 5_000;

interface JwtSettings {
  readonly issuer: string;
  readonly audience: string;
  readonly jwks: string;
}

/** Claims: `sub` is the agent, `permissions` a list of names; names unknown here are passed over, not granted. */
export async function jwtVerifier(settings: JwtSettings, clock: Clock): Promise<TokenVerifier> {
  const keys = await keySet(settings.jwks, clock);
  return async (token) => {
    try {
      const { payload } = await jwtVerify(token, keys, {
        issuer: settings.issuer,
        audience: settings.audience,
        algorithms: acceptedAlgorithms,
        requiredClaims: ['sub', 'exp'],
        clockTolerance: clockToleranceSeconds,
        currentDate: new Date(clock.now()),
      });
      return identityOf(payload);
    } catch (error) {
      throw new CodedError(isTokenFault(error) ? 'unauthenticated' : 'overloaded');
    }
  };
}

function identityOf({ sub, exp, permissions }: JWTPayload & { permissions?: unknown }): Identity {
  const named = sub !== undefined && sub !== '' && sub !== everybody;
  if (!named || !Array.isArray(permissions)) throw new CodedError('unauthenticated');
  assert(exp !== undefined);
  return { agent: sub, permissions: new Set(permissions.filter(isPermission)), expiresAt: exp * 1000 };
}

/** Whether the token is at fault; otherwise the key set could not be fetched or read. */
function isTokenFault(error: unknown): boolean {
  if (error instanceof CodedError) return true;
  return (
    error instanceof errors.JOSEError &&
    error.code !== errors.JOSEError.code &&
    !(error instanceof errors.JWKSTimeout) &&
    !(error instanceof errors.JWKSInvalid)
  );
}

async function keySet(source: string, clock: Clock): Promise<JWTVerifyGetKey> {
  if (/^https?:/.test(source)) {
    const address = new URL(source);
    if (address.protocol !== 'https:' && !isLoopback(address.hostname)) {
      throw new Error('agents.jwt.jwks: keys fetched without TLS can be replaced on the way; use https or a file');
    }
    return createRemoteJWKSet(address, { timeoutDuration: jwksTimeoutMs });
  }
  try {
    return await keyFile(source, clock);
  } catch {
    throw new Error('agents.jwt.jwks: the file cannot be read as a JSON Web Key Set');
  }
}
