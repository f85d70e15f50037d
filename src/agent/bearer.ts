import type { FastifyRequest } from 'fastify';
import { CodedError } from '../shared/coded-error.ts';
import type { Identity, TokenVerifier } from './identity.ts';
import type { Permission } from './permission.ts';
import type { Scope } from './route.ts';
import { tokenLengthLimit } from './token-verifier.ts';

/** @throws {CodedError} `unauthenticated` (RFC 6750 §2.1: the token comes in the Authorization header or not at all). */
export async function identityOfHeader(verify: TokenVerifier, authorization: string | undefined): Promise<Identity> {
  const [, token] = /^Bearer +([\w.~+/=-]+)$/i.exec(authorization ?? '') ?? [];
  if (token === undefined || token.length > tokenLengthLimit) throw new CodedError('unauthenticated');
  return await verify(token);
}

/** @throws {CodedError} `forbidden` */
export function demand(identity: Identity, anyOf: readonly Permission[]): void {
  if (!anyOf.some((permission) => identity.permissions.has(permission))) throw new CodedError('forbidden');
}

/**
 * Whose calls: the agent's own, or those of the agent a CRM names in the query (`?agent=1001`, `?agent=*` for all).
 * @throws {CodedError} `forbidden` without `crm.control`, `bad-request` for any other query: a token in an address ends
 * up in logs, so it is refused even beside a good one.
 */
export function scopeOf(identity: Identity, query: URLSearchParams): Scope {
  const [first, ...others] = [...query];
  if (first === undefined) return identity.agent;
  const [name, agent] = first;
  if (others.length > 0 || name !== 'agent' || agent === '' || agent.length > 128) {
    throw new CodedError('bad-request', 'only agent may stand in the query', ['query']);
  }
  if (agent === identity.agent) return agent;
  demand(identity, ['crm.control']);
  return agent;
}

/** Takes what the route asks for out of the query; the rest is whose calls it is about. */
export function askedOf(
  identity: Identity,
  query: URLSearchParams,
  names: readonly string[],
): { scope: Scope; query: Record<string, string> } {
  const asked: Record<string, string> = {};
  for (const name of names) {
    const value = query.get(name);
    if (value === null) continue;
    if (value.length > queryValueMax || query.getAll(name).length > 1)
      throw new CodedError('bad-request', undefined, [name]);
    asked[name] = value;
    query.delete(name);
  }
  return { scope: scopeOf(identity, query), query: asked };
}

const queryValueMax = 128;

export function queryOf(request: Pick<FastifyRequest, 'url'>): URLSearchParams {
  const mark = request.url.indexOf('?');
  return new URLSearchParams(mark < 0 ? '' : request.url.slice(mark + 1));
}
