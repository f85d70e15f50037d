import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  bringTo,
  crashPoints,
  faultySettings,
  kill,
  outcomesOf,
  type Victim,
  victims,
  type Wavelet,
} from '../support/crash-wave.ts';
import type { EventStream } from '../support/event-stream.ts';
import { FaultPsp } from '../support/fault-psp.ts';
import { MainJob } from '../support/main-job.ts';

/** The automatic enquiries come after 5 seconds, and 15 after that. */
const enquiryWithinMs = 40_000;

let psp: FaultPsp;
let job: MainJob;

beforeAll(async () => {
  psp = await FaultPsp.open();
  job = await MainJob.start({ settings: faultySettings(psp) });
});

afterAll(async () => {
  await job.stop();
  await psp.close();
});

const isHeld = ({ point }: Wavelet): boolean => point.startsWith('hold');

/** After the kill: who sits where, with a stream that hears what becomes of the payments. */
async function desks(wave: readonly Wavelet[], victim: Victim): Promise<Map<Wavelet, EventStream>> {
  if (victim !== 'gateway') return new Map(wave.map((one) => [one, one.call.events]));
  for (const { call } of wave) call.dispose();
  await job.restartGateway();
  const streams = wave.map(async (one) => [one, await job.api(one.agent).events()] as const);
  return new Map(await Promise.all(streams));
}

/** What was with the provider when the room or the gateway died is unknown first, and is found out by itself. */
async function findsOut(held: readonly Wavelet[], streams: Map<Wavelet, EventStream>): Promise<void> {
  for (const one of held) expect(await outcomesOf(one, job), one.reference).toEqual(['unknown']);
  for (const { reference } of held) psp.release(reference);
  await Promise.all(
    held.map(async (one) => {
      const resolved = await streams
        .get(one)
        ?.next('payment.resolved', ({ callId }) => callId === one.call.id, { withinMs: enquiryWithinMs });
      expect(resolved, one.reference).toMatchObject({ answer: 'paid' });
    }),
  );
}

test.each(victims.map((victim, n) => [victim, 'x'.repeat(n + 1)] as const))(
  'kill -9 of the %s at every step of a payment: charged once at most, never lost, and the truth is told (P-80…P-82)',
  async (victim, name) => {
    const wave = await Promise.all(crashPoints.map(({ at }, n) => bringTo(at, name, n, job, psp)));
    const held = wave.filter(isHeld);
    kill(victim, job);
    const streams = await desks(wave, victim);
    if (victim === 'media') {
      // The room lives, so its question to the provider lives on.
      for (const { reference } of held) psp.release(reference);
      for (const one of held) await expect.poll(() => outcomesOf(one, job), { timeout: 30_000 }).toEqual(['succeeded']);
    } else {
      if (victim === 'room') await Promise.all(held.map(({ call }) => call.events.next('payment.unknown')));
      await findsOut(held, streams);
    }
    const now = Object.fromEntries(await Promise.all(wave.map(async (one) => [one.point, await outcomesOf(one, job)])));
    expect(now).toEqual({
      details: [],
      keying: [],
      ready: [],
      'hold-before-commit': ['succeeded'],
      'hold-after-commit': ['succeeded'],
      'hold-half-answer': ['succeeded'],
      surcharge: ['cancelled'],
      decline: ['declined'],
      none: ['succeeded'],
    });
    for (const { at, charged } of crashPoints) {
      const asked = psp.asked(`${at}:${name}`);
      expect(asked, at).toBe(['details', 'keying', 'ready'].includes(at) ? 0 : 1);
      const attempts = psp.received.filter(({ document }) => document.details?.['reference'] === `${at}:${name}`);
      const commits = attempts.map(({ document }) => psp.books.commits(document.attempt));
      expect(commits, at).toEqual(asked === 0 ? [] : [charged ? 1 : 0]);
    }
    for (const stream of streams.values()) stream.close();
  },
);
