import { expect } from 'vitest';
import type { MainJob } from './main-job.ts';

/** How a call of the soak ends: what the world does to calls, in turn. */
type Ending = 'caller' | 'agent' | 'both' | 'captured' | 'cancelled' | 'refused';
const endings: readonly Ending[] = ['caller', 'agent', 'both', 'captured', 'cancelled', 'refused'];

/** Of relays that wait open for the next calls: each of two media processes may have three more than when it began, of four sockets. */
export const socketsAhead = 2 * 3 * 4;

export interface SoakReport {
  readonly calls: number;
  readonly seconds: number;
  /** Resident bytes of all the gateway's processes: samples along the way, then one when all is over. */
  readonly memory: readonly number[];
  readonly socketsBefore: number;
  readonly socketsAfter: number;
}

/** Gauges that must be back at zero when every call is over. */
export const gaugesOfCalls = [
  'tonelock_calls_active',
  'tonelock_sessions_open',
  'tonelock_captures_active',
  'tonelock_calls_secured',
  'tonelock_payments_authorising',
  'tonelock_room_requests',
  'tonelock_sip_dialogs',
  'tonelock_sip_transactions',
] as const;

/** As many agents as a centre has; the calls go round. */
const agentsMax = 200;

async function oneCall(job: MainJob, user: string, ending: Ending): Promise<void> {
  const { agents, customers, gateway } = job;
  const arriving = agents.arrivalFor(user, 20_000);
  const caller = await customers.call(`sip:${user}@127.0.0.1:${gateway.sip.port}`, gateway.sip);
  const far = await arriving;
  if (ending === 'refused') far.refuse('486 Busy Here');
  if (ending === 'cancelled') await caller.cancel();
  if (ending === 'refused' || ending === 'cancelled') {
    await caller.final;
    if (ending === 'cancelled') await far.ended;
  } else {
    far.answer();
    await Promise.all([caller.answered, far.answered]);
    caller.rtp.talk('tone');
    far.rtp.talk('tone');
    if (ending === 'captured')
      await capture(job, user, (keys) => caller.rtp.pressAll(keys, { durationMs: 40, gapMs: 20 }));
    if (ending !== 'agent') void caller.bye();
    if (ending === 'agent' || ending === 'both') void far.bye();
    await Promise.all([caller.ended, far.ended]);
  }
  await Promise.all([customers.forget(caller), agents.forget(far)]);
}

/** A capture in the middle of which the customer hangs up. */
async function capture(job: MainJob, user: string, press: (keys: string) => Promise<void>): Promise<void> {
  // A connection that is kept would be counted among the sockets that calls leave.
  const api = job.api(user, { connection: 'close' });
  const call = async () => (await api.calls()).body.calls[0];
  // Between the customer's telephone and the gateway there may be a server that still has its ACK in hand.
  await expect.poll(async () => (await call())?.state, { timeout: 10_000, interval: 20 }).toBe('answered');
  const session = await api.openSession((await call()).callId);
  await api.capture(session, 'pan');
  await press('41111');
}

/** Makes and ends `total` calls, some at a time, then waits until everything is back at zero. */
export async function soak(job: MainJob, total: number, atOnce: number): Promise<SoakReport> {
  job.agents.answers = { ringMs: 'never' };
  const memory: number[] = [];
  const socketsBefore = job.gateway.sockets;
  const from = performance.now();
  let next = 0;
  const worker = async (): Promise<void> => {
    while (next < total) {
      const n = next;
      next += 1;
      if (n > 0 && n % Math.ceil(total / 10) === 0) memory.push(job.gateway.memory);
      await oneCall(job, String(10_000 + (n % agentsMax)), endings[n % endings.length] ?? 'caller');
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  const seconds = (performance.now() - from) / 1000;
  for (const gauge of gaugesOfCalls) await job.untilMetric(gauge, 0, 60_000);
  memory.push(job.gateway.memory);
  return { calls: total, seconds, memory, socketsBefore, socketsAfter: job.gateway.sockets };
}
