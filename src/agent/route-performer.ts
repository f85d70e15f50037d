import { createHmac, randomBytes } from 'node:crypto';
import type { z } from 'zod';
import type { Clock } from '../shared/clock.ts';
import { CodedError } from '../shared/coded-error.ts';
import type { ApiObserver } from './api-observer.ts';
import type { ForwardedAnswer, ForwardedRequest } from './elsewhere.ts';
import { reportFault } from './fault-report.ts';
import type { IdempotencyStore, StoredAnswer } from './idempotency-store.ts';
import { isPermission } from './permission.ts';
import { type Problem, problemMediaType, problemOf } from './problem.ts';
import type { ApiRequest, Route } from './route.ts';
import { within } from './time-limit.ts';

/** No command takes longer than the media side's and the provider's own limits; this one is for what hangs. */
export const commandTimeoutMs = 60_000;

/** A request for a route, wherever it came in: the guards have passed it, its body is not looked at yet. */
export interface RouteCall extends Pick<ApiRequest<unknown>, 'path' | 'query' | 'actor' | 'scope' | 'body'> {
  /** Path and query as they came. */
  readonly address: string;
  readonly key: string | null;
}

export interface PerformerParts {
  readonly answers: IdempotencyStore;
  readonly observer: ApiObserver;
  readonly clock: Clock;
}

/** Runs routes: checks the body, runs once what came twice under one key, lets nothing out that the answer does not name. */
export class RoutePerformer {
  readonly #parts: PerformerParts;

  constructor(parts: PerformerParts) {
    this.#parts = parts;
  }

  async perform(route: Route, call: RouteCall): Promise<ForwardedAnswer> {
    const body = route.body === null ? null : checkedBody(route.body, call.body);
    const checked = { ...call, body };
    if (!route.replayable || call.key === null) return { ...(await this.#produce(route, checked)), replayed: false };
    const { agent } = call.actor;
    const { answer, replayed } = await this.#parts.answers.run(agent, call.key, fingerprint(route, call), () =>
      this.#produce(route, checked),
    );
    return { ...answer, replayed };
  }

  /** What another gateway has passed on; also what is refused is an answer. */
  async performForwarded(route: Route, request: ForwardedRequest): Promise<ForwardedAnswer> {
    const { agent, origin, path, query, scope, address, key, body } = request;
    const permissions = new Set(request.permissions.filter(isPermission));
    const actor = { agent, permissions, origin };
    try {
      return await this.perform(route, { path, query, scope, address, key, body, actor });
    } catch (error) {
      return { ...problemAnswer(route, error, this.#parts.observer), replayed: false };
    }
  }

  async #produce(route: Route, call: RouteCall): Promise<StoredAnswer> {
    const { clock, observer } = this.#parts;
    try {
      const { value, status } = await within(clock, commandTimeoutMs, async () => await route.run(call as never));
      return { status: status ?? route.status, mediaType: route.mediaType, body: shaped(route, value) };
    } catch (error) {
      return problemAnswer(route, error, observer);
    }
  }
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

/** Known to this process only, so that a fingerprint tells nobody what the body may have been. */
const fingerprintKey = randomBytes(32);

/** Same key, same request: method, path with query, and body. No body is kept. */
function fingerprint({ method }: Route, { address, body }: RouteCall): string {
  const text = body === undefined ? '' : JSON.stringify(body);
  return createHmac('sha256', fingerprintKey).update(`${method} ${address}\n${text}`).digest('base64');
}
