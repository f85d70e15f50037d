import type { Permission } from './permission.ts';

/** Whom a token names, and what it allows. */
export interface Identity {
  readonly agent: string;
  readonly permissions: ReadonlySet<Permission>;
  /** Wall clock in milliseconds; null where the token has no end. */
  readonly expiresAt: number | null;
}

/**
 * @returns who the token names.
 * @throws {CodedError} `unauthenticated` when it names nobody, whatever the cause; `overloaded` when the keys to check it
 * with cannot be had now.
 */
export type TokenVerifier = (token: string) => Promise<Identity>;
