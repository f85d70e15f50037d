import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LiveCall } from '../support/live-call.ts';
import { MainJob } from '../support/main-job.ts';

const calls = 100;
const capturing = 20;

let job: MainJob;

beforeAll(async () => {
  // One process plays two hundred telephones: its own pauses must not be taken for a customer's.
  const patient = { interKeySeconds: 20, overallSeconds: 150 };
  const settings = { limits: { callsPerSecond: 100 }, capture: { pan: { ...patient, quietSeconds: 4 }, cvc: patient } };
  job = await MainJob.start({ mediaPorts: 1000, settings });
});

afterAll(async () => {
  await job.stop();
});

/** A different card for each neighbour, so that a digit in a wrong call would show. */
const cards = ['4111111111111111', '378282246310005', '5555555555554444', '4012888888881881', '3530111333300000'];
const brands = ['visa', 'amex', 'mastercard', 'visa', 'jcb'];

async function capture(call: LiveCall, n: number): Promise<void> {
  const number = cards[n % cards.length] ?? '';
  await call.open();
  const since = call.events.mark();
  const ended = await call.take('pan', number);
  expect(ended).toMatchObject({ type: 'capture.completed', digits: number.length, brand: brands[n % brands.length] });
  expect(ended).toMatchObject({ lastFour: number.slice(-4) });
  const counts = call.events.frames
    .slice(since)
    .filter(({ type }) => type === 'capture.progress')
    .map(({ digits }) => digits);
  expect(counts).toEqual(counts.map((_, at) => at + 1));
  const code = call.caller === undefined ? '' : brands[n % brands.length] === 'amex' ? '9073' : '737';
  expect(await call.take('cvc', code)).toMatchObject({ type: 'capture.completed', digits: code.length });
  expect(await call.authorise()).toMatchObject({ type: 'payment.succeeded' });
}

test('100 calls at once, 20 of them capturing: every digit is right, every payment goes through, nothing is left', async () => {
  const live: LiveCall[] = [];
  for (let n = 0; n < calls; n += 10) {
    const users = Array.from({ length: 10 }, (_, k) => String(5000 + n + k));
    live.push(...(await Promise.all(users.map((user) => job.inbound(user)))));
  }
  expect(await job.metric('tonelock_calls_active')).toBe(calls);
  await Promise.all(live.slice(0, capturing).map(capture));
  expect(live.filter(({ caller, agent }) => caller.over || agent.over)).toEqual([]);
  expect(live.flatMap(({ agent }) => agent.rtp.heard.events())).toEqual([]);
  await Promise.all(live.map((call) => call.hangUp()));
  for (const gauge of ['calls_active', 'sessions_open', 'captures_active', 'calls_secured', 'sip_dialogs']) {
    await job.untilMetric(`tonelock_${gauge}`, 0, 40_000);
  }
}, 180_000);
