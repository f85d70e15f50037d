import { CodedError } from '../shared/coded-error.ts';
import type { Elsewhere, ForwardedAnswer } from './elsewhere.ts';
import { isPermission } from './permission.ts';
import type { Route } from './route.ts';
import type { RouteCall } from './route-performer.ts';

export interface SwitchyardParts {
  readonly elsewhere: Elsewhere;
  /** Whether this gateway has the call or the session, or had it and remembers. */
  readonly isHere: (id: string) => boolean;
  /** The call that a payment was taken on; undefined where nobody can say. */
  readonly callOf: (payment: string) => Promise<string | undefined>;
}

/** The payments of a call that is over can be read from the storage by every gateway. */
const storageHasIt = new Set(['listTransactions']);

/** Two gateways that gave back of one payment at one time would each not know of the other's; nor of its Idempotency-Keys. */
const oneAtATime = new Set(['refundPayment', 'voidPayment']);

/** Decides which requests another gateway has to answer: those about a call or session that it has. */
export class Switchyard {
  readonly #parts: SwitchyardParts;

  constructor(parts: SwitchyardParts) {
    this.#parts = parts;
  }

  /**
   * @returns the other gateway's answer; undefined when the request is this gateway's own, be it only to say `not-found`.
   * @throws {CodedError} `gateway-unreachable`
   */
  async forward(route: Route, call: RouteCall): Promise<ForwardedAnswer | undefined> {
    const { elsewhere } = this.#parts;
    const holder = await this.#holder(route, call);
    if (holder === undefined) return undefined;
    const { agent, permissions, origin } = call.actor;
    const { actor: _, ...rest } = call;
    try {
      return await elsewhere.ask(holder, {
        ...rest,
        path: { ...call.path },
        query: { ...call.query },
        route: route.name,
        agent,
        origin,
        permissions: [...permissions].filter(isPermission),
      });
    } catch (error) {
      if (error instanceof CodedError && storageHasIt.has(route.name)) return undefined;
      throw error;
    }
  }

  async #holder(route: Route, call: RouteCall): Promise<string | undefined> {
    const { elsewhere, isHere } = this.#parts;
    if (oneAtATime.has(route.name)) return await this.#keeper(call.path['id'] ?? '');
    const id = subjectOf(route, call);
    return id === undefined || isHere(id) ? undefined : await elsewhere.holderOf(id);
  }

  /** While the payment's call lives, whoever has that: its session has to know what is given back. */
  async #keeper(payment: string): Promise<string | undefined> {
    const { elsewhere, isHere, callOf } = this.#parts;
    const call = await callOf(payment);
    const holder = call === undefined || isHere(call) ? undefined : await elsewhere.holderOf(call);
    return elsewhere.keeperOf(payment, holder);
  }
}

/**
 * The call or the session that a route is about, by its path, or the unknown payment or refund that is to be settled, which
 * one gateway watches. All other payments are looked for in the storage, which all share.
 */
function subjectOf({ name, path }: Route, call: RouteCall): string | undefined {
  if (path.startsWith('/v1/calls/')) return call.path['callId'];
  if (name === 'recordRefund') return call.path['refund'];
  return path.startsWith('/v1/sessions/') || name === 'recordAnswer' ? call.path['id'] : undefined;
}
