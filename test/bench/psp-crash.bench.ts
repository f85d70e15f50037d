import { afterAll, beforeAll, expect, test } from 'vitest';
import { faultySettings, kill, outcomesOf, type Victim, type Wavelet } from '../support/crash-wave.ts';
import { FaultPsp, type PspFault } from '../support/fault-psp.ts';
import { MainJob } from '../support/main-job.ts';

/*
 * The long form of test/system/psp-crash.test.ts: processes are killed at moments that nobody chose, in the middle of
 * payments to a provider at its worst. `npm run crash-loop`; TONELOCK_ROUNDS says how often, TONELOCK_SEED repeats a run.
 */

const rounds = Number(process.env['TONELOCK_ROUNDS'] ?? 20);
const seed = Number(process.env['TONELOCK_SEED'] ?? Date.now() % 1_000_000);
const victims: readonly (Victim | 'gateway+room')[] = ['gateway', 'room', 'media', 'gateway+room'];
const faults: readonly PspFault[] = [
  'none',
  'slow',
  'reset-before-commit',
  'reset-after-commit',
  'error-after-commit',
  'truncated',
  'duplicate',
  'decline',
];
/** After the authorise; the journal, the connection, the request and the answer take some tens of milliseconds. */
const latestKillMs = 80;
/** The first automatic enquiries come after 5 and 20 seconds. */
const settledWithinMs = 40_000;

let psp: FaultPsp;
let job: MainJob;
let state = seed;

/** Park and Miller's generator: a run can be repeated. */
function random(below: number): number {
  state = (state * 48_271) % 2_147_483_647;
  return state % below;
}

beforeAll(async () => {
  psp = await FaultPsp.open();
  job = await MainJob.start({ settings: faultySettings(psp) });
}, 60_000);

afterAll(async () => {
  await job.stop();
  await psp.close();
}, 60_000);

async function ready(fault: PspFault, round: number, n: number): Promise<Wavelet> {
  const [agent, reference] = [`8${round % 100}${n}`, `${fault}:${round}`];
  const call = await job.inbound(agent);
  await call.open({ type: 'charge', amount: 1250, currency: 'EUR', cardholder: 'Test', reference, expiry: '12/30' });
  await call.take('pan', '4111111111111111');
  await call.take('cvc', '737');
  return { point: 'ready', reference, agent, call };
}

const attemptOf = (reference: string): string | undefined =>
  psp.received.find(({ document }) => document.details?.['reference'] === reference)?.document.attempt;

/** What the history must come to, by the books of the provider. */
async function settles(one: Wavelet): Promise<void> {
  const attempt = attemptOf(one.reference);
  const stands = attempt !== undefined && psp.books.stands(attempt);
  const agrees = async (): Promise<boolean> => {
    const outcomes = await outcomesOf(one, job);
    return stands ? outcomes.join() === 'succeeded' : outcomes.every((outcome) => outcome === 'declined');
  };
  await expect.poll(agrees, { timeout: settledWithinMs, interval: 250, message: one.reference }).toBe(true);
}

/** Until the new room and the new media process are there, calls are refused. */
async function takesCalls(): Promise<number | undefined> {
  const probe = await job.customers.call('sip:8999@127.0.0.1', job.gateway.sip);
  probe.answered.catch(() => undefined);
  const { status } = await probe.final;
  if (status === 200) await probe.bye();
  return status;
}

test(`${rounds} kills at moments that nobody chose (seed ${seed}): charged once at most, and the history says what the provider's books say`, async () => {
  for (let round = 0; round < rounds; round += 1) {
    const victim = victims[random(victims.length)] ?? 'gateway';
    const wave = await Promise.all(faults.map((fault, n) => ready(fault, round, n)));
    for (const { call } of wave) call.api.authorise(call.sessionId).catch(() => undefined);
    await new Promise((done) => setTimeout(done, random(latestKillMs)));
    if (victim === 'gateway+room') {
      kill('room', job);
      kill('gateway', job);
    } else kill(victim, job);
    for (const { call } of wave) call.dispose();
    if (victim.startsWith('gateway')) await job.restartGateway();
    await expect.poll(takesCalls, { timeout: 60_000, interval: 500 }).toBe(200);
    await Promise.all(wave.map(settles));
    for (const { reference } of wave) {
      expect(psp.asked(reference), reference).toBeLessThanOrEqual(1);
      const attempt = attemptOf(reference);
      if (attempt !== undefined) expect(psp.books.commits(attempt), reference).toBeLessThanOrEqual(1);
    }
  }
});
