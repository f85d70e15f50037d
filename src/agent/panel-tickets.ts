import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../shared/clock.ts';
import { CodedError } from '../shared/coded-error.ts';
import type { Identity, TokenVerifier } from './identity.ts';
import type { Permission } from './permission.ts';

/** From the making of a link to its opening: a CRM opens it at once. */
export const ticketLifeMs = 60_000;
/** Longer than any call with a payment in it. */
export const panelTokenLifeMs = 4 * 60 * 60_000;
/** Of each kind; the oldest goes first. */
export const ticketsLimit = 2_000;
export const panelTokensLimit = 20_000;

const prefix = 'panel.';
const secretBytes = 32;
const panelPermissions: readonly Permission[] = ['calls.read', 'payments.take'];

/** For whom a panel is opened, and on which call; null for the agent's only one. */
export interface PanelGrant {
  readonly agent: string;
  readonly callId: string | null;
}

interface Kept {
  readonly grant: PanelGrant;
  readonly expiresAt: number;
}

/**
 * Links by which a CRM opens the panel. What stands in the address is a ticket: good once, for a minute, and for nothing
 * but a token of its own, which lives in the page's memory and allows taking payments as that agent. Neither is kept
 * here, only their hashes; a restart forgets both.
 */
export class PanelTickets {
  readonly #clock: Clock;
  readonly #tickets = new Map<string, Kept>();
  readonly #tokens = new Map<string, Kept>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  issue(grant: PanelGrant): { ticket: string; expiresAt: number } {
    const expiresAt = this.#clock.now() + ticketLifeMs;
    return { ticket: keep(this.#tickets, ticketsLimit, '', { grant, expiresAt }), expiresAt };
  }

  /**
   * Burns the ticket, whether it was still good or not.
   * @throws {CodedError} `unauthenticated` for one that is unknown, burnt or too old.
   */
  exchange(ticket: string): PanelGrant & { token: string; expiresAt: number } {
    const key = hash(ticket);
    const kept = this.#tickets.get(key);
    this.#tickets.delete(key);
    if (kept === undefined || kept.expiresAt <= this.#clock.now()) throw new CodedError('unauthenticated');
    const expiresAt = this.#clock.now() + panelTokenLifeMs;
    const { grant } = kept;
    return { ...grant, token: keep(this.#tokens, panelTokensLimit, prefix, { grant, expiresAt }), expiresAt };
  }

  /** Knows this office's own tokens, and leaves all others to `verify`. */
  beside(verify: TokenVerifier): TokenVerifier {
    return async (token) => (token.startsWith(prefix) ? this.#identify(token) : await verify(token));
  }

  #identify(token: string): Identity {
    const key = hash(token);
    const kept = this.#tokens.get(key);
    if (kept === undefined || kept.expiresAt <= this.#clock.now()) {
      this.#tokens.delete(key);
      throw new CodedError('unauthenticated');
    }
    return { agent: kept.grant.agent, permissions: new Set(panelPermissions), expiresAt: kept.expiresAt };
  }
}

function keep(store: Map<string, Kept>, limit: number, before: string, kept: Kept): string {
  const secret = before + randomBytes(secretBytes).toString('base64url');
  for (const oldest of store.keys()) {
    if (store.size < limit) break;
    store.delete(oldest);
  }
  store.set(hash(secret), kept);
  return secret;
}

const hash = (secret: string): string => createHash('sha256').update(secret).digest('base64');
