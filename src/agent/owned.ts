import type { SessionView } from '../payment/session-view.ts';
import { CodedError } from '../shared/coded-error.ts';
import { asSessionId, type SessionId } from '../shared/ids.ts';
import type { CallView } from '../telephony/call-view.ts';
import type { CallDirectory } from './call-directory.ts';
import { everybody, type Scope } from './route.ts';
import type { SessionDesk } from './session-desk.ts';

export const covers = (scope: Scope, agent: string): boolean => scope === everybody || scope === agent;

/** @throws {CodedError} `call-not-found`, also for somebody else's call: whether it exists is not theirs to know. */
export function ownCall(calls: CallDirectory, callId: string, scope: Scope): CallView {
  const call = calls.find(callId);
  if (call === undefined || !covers(scope, call.agent)) throw new CodedError('call-not-found');
  return call;
}

/** @throws {CodedError} `session-not-found`, also for somebody else's session. */
export function ownSession(desk: SessionDesk, id: string, scope: Scope): { id: SessionId; view: SessionView } {
  const session = asSessionId(id);
  const view = desk.get(session);
  if (view === undefined || !covers(scope, view.agent)) throw new CodedError('session-not-found');
  return { id: session, view };
}
