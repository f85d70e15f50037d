import type { FastifyInstance } from 'fastify';
import { CodedError } from '../shared/coded-error.ts';
import type { OriginPolicy } from './origin-policy.ts';

const preflightSeconds = 600;
const methods = 'GET, POST, PUT, PATCH, DELETE';
const requestHeaders = 'authorization, content-type, idempotency-key';
const answerHeaders = 'idempotency-replayed, location, retry-after';

/** Pages of other origins: listed ones get CORS headers, all others a refusal before anything is read. */
export function guardOrigins(
  app: FastifyInstance,
  origins: OriginPolicy,
  admitsHost: (host: string | undefined) => boolean,
): void {
  app.addHook('onRequest', async (request, reply) => {
    const { origin, host } = request.headers;
    reply.header('vary', 'origin');
    if (!admitsHost(host) || !origins.admits(origin, host)) throw new CodedError('forbidden');
    if (!origins.isListed(origin)) return;
    reply.header('access-control-allow-origin', origin).header('access-control-expose-headers', answerHeaders);
    if (request.method !== 'OPTIONS') return;
    return reply
      .header('access-control-allow-methods', methods)
      .header('access-control-allow-headers', requestHeaders)
      .header('access-control-max-age', preflightSeconds)
      .code(204)
      .send();
  });
}
