import { z } from 'zod';
import { permissions } from './permission.ts';

/** Characters of a path and query that name one of ours. */
const addressMax = 1024;
/** No body that this interface takes is longer (`bodyBytesLimit`), and no answer but a list of calls, which is not asked for. */
const answerMax = 256 * 1024;
const short = z.string().max(256);

/**
 * A request for a call or session that another gateway has, after the guards of the gateway it came to: whose token it was
 * and what that allows is settled. The one that has the call checks the body, runs the route, and keeps the answer for
 * repeats.
 */
export const forwardedRequestSchema = z.strictObject({
  /** The route's name in the table of routes. */
  route: short,
  /** Path and query as they came, for telling a repeat from another request under the same key. */
  address: z.string().max(addressMax),
  path: z.record(short, short),
  query: z.record(short, short),
  /** Absent where the request had none. */
  body: z.unknown().optional(),
  agent: short,
  permissions: z.array(z.enum(permissions)).max(permissions.length),
  origin: short,
  scope: short,
  key: z.string().max(255).nullable(),
});
export type ForwardedRequest = z.output<typeof forwardedRequestSchema>;

export const forwardedAnswerSchema = z.strictObject({
  status: z.number().int().min(200).max(599),
  mediaType: short,
  body: z.string().max(answerMax),
  replayed: z.boolean(),
});
export type ForwardedAnswer = z.output<typeof forwardedAnswerSchema>;

/** The gateways beside this one, as far as commands go. */
export interface Elsewhere {
  /** @returns the gateway that has the call or the session; undefined when no other is known to, or nobody can say now. */
  holderOf(id: string): Promise<string | undefined>;
  /**
   * The one gateway that gives money back of this payment. If none does, or that is dead: the wanted one, if it lives, or
   * this one.
   * @returns undefined when it is this one.
   * @throws {CodedError} `gateway-unreachable` while nobody can say.
   */
  keeperOf(payment: string, wanted?: string): Promise<string | undefined>;
  /**
   * @throws {CodedError} `gateway-unreachable` when nobody heard the request or nobody answered: whether it was carried out
   * is then not known, and the same Idempotency-Key may ask again.
   */
  ask(holder: string, request: ForwardedRequest): Promise<ForwardedAnswer>;
}
