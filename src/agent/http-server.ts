import rateLimit from '@fastify/rate-limit';
import Fastify, { type FastifyInstance } from 'fastify';
import { CodedError } from '../shared/coded-error.ts';
import type { ApiObserver } from './api-observer.ts';
import { guardOrigins } from './cross-origin.ts';
import { reportFault } from './fault-report.ts';
import type { OriginPolicy } from './origin-policy.ts';
import { problemMediaType, problemOf } from './problem.ts';
import { retryAfterSeconds, sendRawProblem } from './raw-problem.ts';
import { connectionFault, requestFault } from './request-fault.ts';
import { registerSecurityHeaders } from './security-headers.ts';

export const bodyBytesLimit = 16 * 1024;
export const headerBytesLimit = 16 * 1024;
export const connectionsLimit = 25_000;
export const addressesRemembered = 10_000;

/** Times and rates that tests shorten; the defaults are for the network. */
export interface HttpLimits {
  /** From a connection's first byte to the end of its headers, and of its body: slower is an attack (slowloris). */
  readonly headersMs: number;
  readonly requestMs: number;
  /** Between two requests on a connection. Longer than a proxy keeps one (60 s as a rule): it would send into one just closed. */
  readonly idleMs: number;
  /** Requests of one address in a second; a contact centre may sit behind one. */
  readonly requestsPerSecond: number;
}

export const defaultHttpLimits: HttpLimits = {
  headersMs: 10_000,
  requestMs: 15_000,
  idleMs: 65_000,
  requestsPerSecond: 2_000,
};

/** Without a byte either way for so long, a connection is dead; longer than any command may take. */
const silenceMs = 90_000;
const deadlineCheckMs = 500;

export interface HttpParts {
  readonly limits: HttpLimits;
  readonly origins: OriginPolicy;
  /** Origins whose pages may hold ours in a frame. */
  readonly framers: readonly string[];
  readonly admitsHost: (host: string | undefined) => boolean;
  readonly observer: ApiObserver;
}

/** fastify with its guards and without a logger: what it would log may hold what must not be logged. */
export async function createHttpServer(parts: HttpParts): Promise<FastifyInstance> {
  const { limits, observer } = parts;
  const app: FastifyInstance = Fastify({
    logger: false,
    bodyLimit: bodyBytesLimit,
    requestTimeout: limits.requestMs,
    connectionTimeout: silenceMs,
    keepAliveTimeout: limits.idleMs,
    forceCloseConnections: 'idle',
    http: {
      maxHeaderSize: headerBytesLimit,
      headersTimeout: limits.headersMs,
      connectionsCheckingInterval: deadlineCheckMs,
    },
    clientErrorHandler: (error, socket) =>
      sendRawProblem(socket, problemOf(new CodedError(connectionFault(error.code)))),
    // An address that cannot be decoded: there is no route whose handler could answer.
    frameworkErrors: (_error, _request, reply) => {
      const problem = problemOf(new CodedError('bad-request'));
      reply.raw.writeHead(problem.status, { 'content-type': problemMediaType }).end(JSON.stringify(problem));
    },
  });
  app.server.maxConnections = connectionsLimit;
  acceptJsonOnly(app);
  answerProblems(app, observer);
  observeAnswers(app, observer);
  guardOrigins(app, parts.origins, parts.admitsHost);
  await registerSecurityHeaders(app, parts.framers);
  await app.register(rateLimit, {
    max: limits.requestsPerSecond,
    timeWindow: 1000,
    cache: addressesRemembered,
    addHeaders: { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false },
    addHeadersOnExceeding: { 'x-ratelimit-limit': false, 'x-ratelimit-remaining': false, 'x-ratelimit-reset': false },
    errorResponseBuilder: () => new CodedError('too-many-requests'),
  });
  app.setNotFoundHandler({ preHandler: app.rateLimit() }, async () => {
    throw new CodedError('not-found');
  });
  return app;
}

/** A body is JSON or nothing; an empty one that calls itself JSON is nothing too. */
function acceptJsonOnly(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') return done(null, undefined);
    void parse(request, body as string, (error, value) =>
      error === null ? done(null, value) : done(new CodedError('bad-request', 'the body is not JSON')),
    );
  });
}

function answerProblems(app: FastifyInstance, observer: ApiObserver): void {
  app.setErrorHandler((error, request, reply) => {
    const fault = requestFault(error);
    const problem = problemOf(fault);
    if (problem.code === 'internal') reportFault(observer, request.routeOptions.url ?? 'none', fault);
    if (problem.status === 401) reply.header('www-authenticate', 'Bearer');
    if (problem.status === 429 || problem.status === 503) reply.header('retry-after', retryAfterSeconds);
    return reply.code(problem.status).type(problemMediaType).send(JSON.stringify(problem));
  });
}

function observeAnswers(app: FastifyInstance, observer: ApiObserver): void {
  app.addHook('onResponse', async (request, reply) => {
    observer.requestAnswered(request.routeOptions.url ?? 'none', reply.statusCode, reply.elapsedTime);
  });
}
