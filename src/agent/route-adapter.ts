import { createHmac, randomBytes } from 'node:crypto';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { z } from 'zod';
import type { Clock } from '../shared/clock.ts';
import { CodedError } from '../shared/coded-error.ts';
import type { ApiObserver } from './api-observer.ts';
import { askedOf, demand, identityOfHeader, queryOf } from './bearer.ts';
import { reportFault } from './fault-report.ts';
import type { IdempotencyStore, StoredAnswer } from './idempotency-store.ts';
import type { TokenVerifier } from './identity.ts';
import { type Problem, problemMediaType, problemOf } from './problem.ts';
import { retryAfterSeconds } from './raw-problem.ts';
import type { ApiRequest, Route } from './route.ts';
import { within } from './time-limit.ts';

/** No command takes longer than the media side's and the provider's own limits; this one is for what hangs. */
export const commandTimeoutMs = 60_000;

export interface AdapterParts {
  readonly verify: TokenVerifier;
  readonly answers: IdempotencyStore;
  readonly observer: ApiObserver;
  readonly clock: Clock;
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
        const { answer, replayed } = await answered(request, route, parts);
        if (replayed) reply.header('idempotency-replayed', 'true');
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

async function answered(
  request: FastifyRequest,
  route: Route,
  parts: AdapterParts,
): Promise<{ answer: StoredAnswer; replayed: boolean }> {
  const caller = request.apiCaller ?? nobody;
  const body = route.body === null ? null : checkedBody(route.body, request.body);
  const produce = async (): Promise<StoredAnswer> => {
    try {
      const run = async () =>
        await route.run({ path: request.params as Record<string, string>, body, ...caller } as never);
      const { value, status } = await within(parts.clock, commandTimeoutMs, run);
      return { status: status ?? route.status, mediaType: route.mediaType, body: shaped(route, value) };
    } catch (error) {
      return problemAnswer(route, error, parts.observer);
    }
  };
  const key = route.replayable ? idempotencyKey(request) : undefined;
  if (key === undefined) return { answer: await produce(), replayed: false };
  return await parts.answers.run(caller.actor.agent, key, fingerprint(request), produce);
}

/** @throws {CodedError} `bad-request` naming the fields at fault, never what stood in them. */
function checkedBody(schema: z.ZodType, body: unknown): unknown {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const about = new Set(result.error.issues.map(({ path }) => path.map(String).join('.')));
  throw new CodedError('bad-request', 'the body does not have the form of this command', [...about]);
}

/** The last guard: what the schema does not name does not leave. A value that does not fit at all is a fault of ours. */
function shaped(route: Route, value: unknown): string {
  const answer: unknown = route.answer.parse(value);
  return typeof answer === 'string' ? answer : JSON.stringify(answer);
}

export function problemAnswer(route: Route, error: unknown, observer: ApiObserver): StoredAnswer {
  const problem: Problem = problemOf(error);
  if (problem.code === 'internal') reportFault(observer, route.name, error);
  observer.commandRefused(route.name, problem.code);
  return { status: problem.status, mediaType: problemMediaType, body: JSON.stringify(problem) };
}

function idempotencyKey(request: FastifyRequest): string | undefined {
  const key = request.headers['idempotency-key'];
  if (key === undefined) return undefined;
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new CodedError('bad-request', 'Idempotency-Key must be 1 to 255 visible characters', ['Idempotency-Key']);
  }
  return key;
}

/** Known to this process only, so that a fingerprint tells nobody what the body may have been. */
const fingerprintKey = randomBytes(32);

/** Same key, same request: method, path with query, and body. No body is kept. */
function fingerprint(request: FastifyRequest): string {
  const body = request.body === undefined ? '' : JSON.stringify(request.body);
  return createHmac('sha256', fingerprintKey).update(`${request.method} ${request.url}\n${body}`).digest('base64');
}
