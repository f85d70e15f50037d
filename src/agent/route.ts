import type { z } from 'zod';
import type { ErrorCode } from '../shared/coded-error.ts';
import type { Permission } from './permission.ts';
import type { Actor } from './session-desk.ts';

/** Whose calls a request may touch: the agent's own, another's whom a CRM named, or `*` for all. */
export type Scope = string;
export const everybody: Scope = '*';

/** A request after the guards: identity known, path and body checked. */
export interface ApiRequest<Body> {
  readonly path: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly body: Body;
  readonly actor: Actor;
  readonly scope: Scope;
}

interface RouteBase {
  /** The operation's name in the interface description. */
  readonly name: string;
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With `{names}` as OpenAPI writes them. */
  readonly path: string;
  readonly summary: string;
  /** Names that may stand in the query beside `agent`. */
  readonly query: readonly string[];
  /** The token must allow one of these; empty where no token is asked for. */
  readonly permissions: readonly Permission[];
  readonly status: 200 | 201 | 202;
  /** Codes of the problems that belong to this route, beside those any route may give. */
  readonly problems: readonly ErrorCode[];
  /** False where not even a hash of the body may be kept. */
  readonly replayable: boolean;
  readonly mediaType: string;
  readonly answer: z.ZodType;
  readonly body: z.ZodType | null;
}

/** One line of the route table: the one source of handlers, checks, and the interface description. */
export interface Route extends RouteBase {
  /** @returns what is sent, after the answer's schema has stripped what it does not name; a status other than the usual. */
  readonly run: (request: ApiRequest<never>) => Promise<RouteResult> | RouteResult;
}

export interface RouteResult {
  readonly value: unknown;
  readonly status?: number;
}

type RouteDefinition<B extends z.ZodType | null, A extends z.ZodType> = Omit<
  RouteBase,
  'body' | 'answer' | 'replayable' | 'mediaType' | 'problems' | 'query'
> & {
  readonly body: B;
  readonly answer: A;
  readonly problems?: readonly ErrorCode[];
  readonly query?: readonly string[];
  readonly replayable?: boolean;
  readonly mediaType?: string;
  readonly run: (
    request: ApiRequest<B extends z.ZodType ? z.output<B> : null>,
  ) => Promise<Answered<z.output<A>>> | Answered<z.output<A>>;
};

interface Answered<A> {
  readonly value: A;
  readonly status?: number;
}

/** Lets the compiler hold a route's handler against its schemas. */
export function route<B extends z.ZodType | null, A extends z.ZodType>(definition: RouteDefinition<B, A>): Route {
  return {
    problems: [],
    query: [],
    replayable: definition.method !== 'GET',
    mediaType: 'application/json',
    ...definition,
  };
}
