import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { CodedError } from '../shared/coded-error.ts';
import { askedOf, demand, identityOfHeader, queryOf } from './bearer.ts';
import type { ForwardedAnswer } from './elsewhere.ts';
import type { TokenVerifier } from './identity.ts';
import { retryAfterSeconds } from './raw-problem.ts';
import type { ApiRequest, Route } from './route.ts';
import type { RouteCall, RoutePerformer } from './route-performer.ts';
import type { Switchyard } from './switchyard.ts';

export interface AdapterParts {
  readonly verify: TokenVerifier;
  readonly performer: RoutePerformer;
  /** Where there are other gateways. */
  readonly switchyard?: Switchyard | undefined;
}

declare module 'fastify' {
  interface FastifyRequest {
    /** Set by the guard before the body is read; absent where the route asks for no token. */
    apiCaller?: Pick<ApiRequest<never>, 'actor' | 'scope' | 'query'>;
  }
}

/** Puts the route table on fastify. The guard runs before a byte of the body is read. */
export function mountRoutes(app: FastifyInstance, routes: readonly Route[], parts: AdapterParts): void {
  app.decorateRequest('apiCaller');
  for (const route of routes) {
    app.route({
      method: route.method,
      url: addressOf(route.path),
      preParsing: (request, reply) => guard(request, reply, route, parts),
      handler: async (request, reply) => {
        const answer = await answered(request, route, parts);
        if (answer.replayed) reply.header('idempotency-replayed', 'true');
        if (answer.status === 503) reply.header('retry-after', retryAfterSeconds);
        return reply.code(answer.status).type(answer.mediaType).send(answer.body);
      },
    });
  }
  refuseOtherMethods(app, routes);
}

/** A method that a path does not know gets 405 and the list of those it knows (RFC 9110 §15.5.6), before any token. */
function refuseOtherMethods(app: FastifyInstance, routes: readonly Route[]): void {
  for (const path of new Set(routes.map((route) => route.path))) {
    const known = new Set<string>(routes.filter((route) => route.path === path).map(({ method }) => method));
    // fastify answers HEAD wherever there is GET.
    if (known.has('GET')) known.add('HEAD');
    const allowed = [...known].join(', ');
    app.route({
      method: methods.filter((method) => !known.has(method)),
      url: addressOf(path),
      preParsing: async (_request, reply) => {
        reply.header('allow', allowed);
        throw new CodedError('method-not-allowed');
      },
      handler: () => {
        throw new CodedError('method-not-allowed');
      },
    });
  }
}

const methods = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'];
const addressOf = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1');

async function guard(
  request: FastifyRequest,
  reply: FastifyReply,
  route: Route,
  { verify }: AdapterParts,
): Promise<void> {
  reply.header('cache-control', 'no-store');
  if (route.permissions.length === 0) return;
  const identity = await identityOfHeader(verify, request.headers.authorization);
  demand(identity, route.permissions);
  request.apiCaller = {
    actor: { agent: identity.agent, permissions: identity.permissions, origin: request.ip },
    ...askedOf(identity, queryOf(request), route.query),
  };
}

const nobody = { actor: { agent: '', permissions: new Set<string>(), origin: '' }, scope: '', query: {} };

async function answered(request: FastifyRequest, route: Route, parts: AdapterParts): Promise<ForwardedAnswer> {
  const call: RouteCall = {
    ...(request.apiCaller ?? nobody),
    path: request.params as Record<string, string>,
    address: request.url,
    body: request.body,
    key: route.replayable ? idempotencyKey(request) : null,
  };
  return (await parts.switchyard?.forward(route, call)) ?? (await parts.performer.perform(route, call));
}

function idempotencyKey(request: FastifyRequest): string | null {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new CodedError('bad-request', 'Idempotency-Key must be 1 to 255 visible characters', ['Idempotency-Key']);
  }
  return key;
}
