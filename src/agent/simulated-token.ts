import { CodedError } from '../shared/coded-error.ts';
import type { Identity } from './identity.ts';
import { isPermission, permissions } from './permission.ts';

/**
 * `agent-1001` is agent 1001 with every permission, `agent-1001~calls.read+payments.take` with those only. A subprotocol
 * must be a token (RFC 9110 §5.6.2), so neither colon nor comma can part them.
 */
const form = /^agent-([A-Za-z0-9_.-]{1,64})(?:~([a-z.+]{1,200}))?$/;

/** Takes everybody at their word: for development on loopback. */
export async function simulatedVerifier(token: string): Promise<Identity> {
  const [, agent, list] = form.exec(token) ?? [];
  if (agent === undefined) throw new CodedError('unauthenticated');
  const granted = list === undefined ? permissions : list.split('+');
  if (!granted.every(isPermission)) throw new CodedError('unauthenticated');
  return { agent, permissions: new Set(granted), expiresAt: null };
}
