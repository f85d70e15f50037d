import { descendants } from './child-processes.ts';
import type { FaultPsp } from './fault-psp.ts';
import type { LiveCall } from './live-call.ts';
import type { MainJob } from './main-job.ts';

/** The processes that are killed. */
export const victims = ['gateway', 'room', 'media'] as const;
export type Victim = (typeof victims)[number];

/** How far a payment has come when a process is killed, with what the books of the provider say of it afterwards. */
export const crashPoints = [
  { at: 'details', charged: false },
  { at: 'keying', charged: false },
  { at: 'ready', charged: false },
  { at: 'hold-before-commit', charged: true },
  { at: 'hold-after-commit', charged: true },
  { at: 'hold-half-answer', charged: true },
  { at: 'surcharge', charged: false },
  { at: 'decline', charged: false },
  { at: 'none', charged: true },
] as const;
export type CrashPoint = (typeof crashPoints)[number]['at'];

/** One payment on its call, brought to a point. */
export interface Wavelet {
  readonly point: CrashPoint;
  readonly reference: string;
  readonly agent: string;
  readonly call: LiveCall;
}

/** On a busy machine a simulated finger may take its time. */
const patient = { firstKeySeconds: 120, interKeySeconds: 60, overallSeconds: 300 };

export const faultySettings = (psp: FaultPsp): { readonly capture: object; readonly payments: object } => ({
  capture: { pan: { ...patient, quietSeconds: 2 }, cvc: patient },
  payments: { defaultPsp: 'faulty', psps: [{ id: 'faulty', adapter: 'http', url: psp.url, timeoutSeconds: 30 }] },
});

const card = '4111111111111111';

/** Brings a payment to its point. The reference tells the provider what to do, and the test which payment it is. */
export async function bringTo(
  point: CrashPoint,
  wave: string,
  n: number,
  job: MainJob,
  psp: FaultPsp,
): Promise<Wavelet> {
  const agent = `7${wave.length}${String(n).padStart(2, '0')}`;
  const reference = `${point}:${wave}`;
  const call = await job.inbound(agent);
  const wavelet: Wavelet = { point, reference, agent, call };
  await call.open({ type: 'charge', amount: 1250, currency: 'EUR', cardholder: 'Test', reference, expiry: '12/30' });
  if (point === 'details') return wavelet;
  if (point === 'keying') {
    await call.lock('pan');
    await call.key(card.slice(0, 7));
    return wavelet;
  }
  await call.take('pan', card);
  await call.take('cvc', '737');
  if (point === 'ready') return wavelet;
  if (!point.startsWith('hold')) {
    await call.authorise();
    return wavelet;
  }
  await call.api.authorise(call.sessionId);
  await psp.held(reference);
  return wavelet;
}

export function kill(victim: Victim, job: MainJob): void {
  if (victim === 'gateway') return job.gateway.signal('SIGKILL');
  if (victim === 'room') return void process.kill(job.gateway.roomPid, 'SIGKILL');
  for (const { pid } of descendants(job.gateway.roomPid)) process.kill(pid, 'SIGKILL');
}

/** Outcomes of a call in its history, as its agent reads it; empty when there is none to read. */
export async function outcomesOf({ agent, call }: Wavelet, job: MainJob): Promise<string[]> {
  const answer = await job.api(agent).send('GET', `/v1/calls/${call.id}/transactions`);
  const transactions: { outcome: string }[] = answer.status === 200 ? answer.body.transactions : [];
  return transactions.map(({ outcome }) => outcome);
}
