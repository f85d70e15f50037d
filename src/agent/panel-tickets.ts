import { createHash, randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Clock } from '../shared/clock.ts';
import { CodedError } from '../shared/coded-error.ts';
import type { Identity, TokenVerifier } from './identity.ts';
import type { Permission } from './permission.ts';
import { LocalTicketShelf, type TicketShelf } from './ticket-shelf.ts';

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

const keptSchema = z.strictObject({
  grant: z.strictObject({ agent: z.string(), callId: z.string().nullable() }),
  expiresAt: z.number(),
});
type Kept = z.output<typeof keptSchema>;

/** Where tickets stand, and the tokens they were exchanged for. */
export interface TicketShelves {
  readonly tickets: TicketShelf;
  readonly tokens: TicketShelf;
}

export const localShelves = (clock: Clock): TicketShelves => ({
  tickets: new LocalTicketShelf(clock, ticketsLimit),
  tokens: new LocalTicketShelf(clock, panelTokensLimit),
});

/**
 * Links by which a CRM opens the panel. What stands in the address is a ticket: good once, for a minute, and for nothing
 * but a token of its own, which lives in the page's memory and allows taking payments as that agent. Neither is kept
 * here, only their hashes.
 */
export class PanelTickets {
  readonly #clock: Clock;
  readonly #shelves: TicketShelves;

  constructor(clock: Clock, shelves: TicketShelves = localShelves(clock)) {
    this.#clock = clock;
    this.#shelves = shelves;
  }

  async issue(grant: PanelGrant): Promise<{ ticket: string; expiresAt: number }> {
    const { secret, expiresAt } = await this.#keep(this.#shelves.tickets, '', grant, ticketLifeMs);
    return { ticket: secret, expiresAt };
  }

  /**
   * Burns the ticket, whether it was still good or not.
   * @throws {CodedError} `unauthenticated` for one that is unknown, burnt or too old.
   */
  async exchange(ticket: string): Promise<PanelGrant & { token: string; expiresAt: number }> {
    const { grant } = this.#valid(await this.#shelves.tickets.take(hash(ticket)));
    const { secret, expiresAt } = await this.#keep(this.#shelves.tokens, prefix, grant, panelTokenLifeMs);
    return { ...grant, token: secret, expiresAt };
  }

  /** Knows this office's own tokens, and leaves all others to `verify`. */
  beside(verify: TokenVerifier): TokenVerifier {
    return async (token) => (token.startsWith(prefix) ? await this.#identify(token) : await verify(token));
  }

  async #identify(token: string): Promise<Identity> {
    const { grant, expiresAt } = this.#valid(await this.#shelves.tokens.look(hash(token)));
    return { agent: grant.agent, permissions: new Set(panelPermissions), expiresAt };
  }

  #valid(text: string | undefined): Kept {
    const kept = text === undefined ? undefined : keptSchema.safeParse(JSON.parse(text)).data;
    if (kept === undefined || kept.expiresAt <= this.#clock.now()) throw new CodedError('unauthenticated');
    return kept;
  }

  async #keep(shelf: TicketShelf, before: string, grant: PanelGrant, ms: number) {
    const secret = before + randomBytes(secretBytes).toString('base64url');
    const expiresAt = this.#clock.now() + ms;
    const kept: Kept = { grant: { agent: grant.agent, callId: grant.callId }, expiresAt };
    await shelf.keep(hash(secret), JSON.stringify(kept), ms);
    return { secret, expiresAt };
  }
}

const hash = (secret: string): string => createHash('sha256').update(secret).digest('base64url');
