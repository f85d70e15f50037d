import { randomUUID } from 'node:crypto';

declare const brand: unique symbol;
type Id<Name extends string> = string & { readonly [brand]: Name };

/** One customer talking to one agent; survives transfers. Not a SIP Call-ID: each leg has a SIP Call-ID of its own. */
export type CallId = Id<'call'>;
/** One payment session: from the opening of the panel on a call to its closing. */
export type SessionId = Id<'session'>;
/** One request to a payment service provider. It is the idempotency key that the provider sees. */
export type AttemptId = Id<'attempt'>;

export const newCallId = (): CallId => randomUUID() as CallId;
export const newSessionId = (): SessionId => randomUUID() as SessionId;
export const newAttemptId = (): AttemptId => randomUUID() as AttemptId;

export const asCallId = (text: string): CallId => text as CallId;
export const asSessionId = (text: string): SessionId => text as SessionId;
export const asAttemptId = (text: string): AttemptId => text as AttemptId;
