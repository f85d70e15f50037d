import { expect } from 'vitest';
import type { LiveCall } from './live-call.ts';
import type { MainJob } from './main-job.ts';

/** What calls do by whichever SIP server they go, and whoever connects to whom. */

/** Takes a payment on the call; then the caller hangs up. */
export async function payAndLeave(call: LiveCall): Promise<void> {
  await call.open();
  expect(await call.take('pan', '4111111111111111')).toMatchObject({ digits: 16, brand: 'visa' });
  expect(await call.take('cvc', '737')).toMatchObject({ digits: 3 });
  expect(await call.authorise()).toMatchObject({ type: 'payment.succeeded' });
  await call.hangUp();
}

/** One call that the agent refuses, and one that the caller gives up while it rings: each side hears of it. */
export async function refuseAndGiveUp(at: MainJob): Promise<void> {
  const { sip } = at.gateway;
  at.agents.answers = { refuse: '486 Busy Here' };
  const refused = await at.customers.call(`sip:1001@127.0.0.1:${sip.port}`, sip);
  refused.answered.catch(() => undefined);
  expect((await refused.final).status).toBe(486);
  at.agents.answers = { ringMs: 'never' };
  const arriving = at.agents.arrivalFor('1004');
  const cancelled = await at.customers.call(`sip:1004@127.0.0.1:${sip.port}`, sip);
  cancelled.answered.catch(() => undefined);
  const far = await arriving;
  far.answered.catch(() => undefined);
  await cancelled.cancel();
  expect((await cancelled.final).status).toBe(487);
  expect((await far.ended)?.method).toBe('CANCEL');
  at.agents.answers = {};
}
