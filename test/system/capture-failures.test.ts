import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Frame } from '../support/event-stream.ts';
import type { LiveCall } from '../support/live-call.ts';
import { MainJob } from '../support/main-job.ts';

/** Short enough for a test, long enough for a busy machine. */
const timers = { firstKeySeconds: 1.2, interKeySeconds: 1, overallSeconds: 6 };
const timed = {
  capture: { pan: { ...timers, quietSeconds: 0.5 }, cvc: timers, acceptedBrands: ['visa', 'mastercard', 'amex'] },
};

let job: MainJob;
let user = 2000;

beforeAll(async () => {
  job = await MainJob.start({ settings: timed });
});

afterAll(async () => {
  await job.stop();
});

async function opened(): Promise<LiveCall> {
  user += 1;
  const call = await job.inbound(String(user));
  await call.open();
  return call;
}

/** The call goes on after a failure: nothing is locked, and the same field is taken again with success. */
async function takenAgain(call: LiveCall, since: number): Promise<void> {
  const ends = call.types(since).filter((type) => /^capture\.(completed|failed|unlocked)$/.test(type));
  expect(ends).toEqual(['capture.failed', 'capture.unlocked']);
  const { body } = await call.api.session(call.sessionId);
  expect(body).toMatchObject({ locked: false, capturing: null, fields: { pan: { state: 'failed' } } });
  expect(await call.take('pan', '4111111111111111')).toMatchObject({ type: 'capture.completed', lastFour: '1111' });
  await call.hangUp();
}

const table: readonly [string, string, string][] = [
  ['first-key-timeout', 'nothing is keyed (P-44)', ''],
  ['inter-key-timeout', 'the customer stops in the middle (P-45)', '411111'],
  ['check-digit', 'a number of the right length has a wrong check digit', '4111111111111112'],
  ['brand-not-accepted', 'the card is of a brand that is not accepted', '6200000000000005'],
  ['too-short', 'the end key comes before the number is whole', '41111111#'],
];

describe('a capture that comes to nothing says why, ends the lock, and can be asked for again (P-44…P-46)', () => {
  test.each(table)('%s: %s', async (reason, _, keys) => {
    const call = await opened();
    const since = call.events.mark();
    await call.lock('pan');
    await call.key(keys);
    expect(await call.ending('pan', since)).toMatchObject({ type: 'capture.failed', field: 'pan', reason });
    await takenAgain(call, since);
  });

  test('overall-timeout: keys come, but too slowly for the whole', async () => {
    const call = await opened();
    const since = call.events.mark();
    await call.lock('pan');
    const ending = call.ending('pan', since, 20_000);
    for (let n = 0; n < 12 && !call.types(since).includes('capture.failed'); n += 1) {
      await call.caller.rtp.press('4', { durationMs: 60, gapMs: 640 });
    }
    expect(await ending).toMatchObject({ type: 'capture.failed', reason: 'overall-timeout' });
    await takenAgain(call, since);
  });

  test('stopped: the agent ends the capture', async () => {
    const call = await opened();
    const since = call.events.mark();
    await call.lock('pan');
    await call.key('4111');
    expect((await call.api.stopCapture(call.sessionId)).status).toBe(200);
    expect(await call.ending('pan', since)).toMatchObject({ type: 'capture.failed', reason: 'stopped' });
    await takenAgain(call, since);
  });

  test('a star clears what was keyed, and the field starts anew', async () => {
    const call = await opened();
    const since = call.events.mark();
    expect(await call.take('pan', '5555*4111111111111111')).toMatchObject({ digits: 16, brand: 'visa' });
    const counts = call.events.frames
      .slice(since)
      .filter(({ type }) => type === 'capture.progress')
      .map(({ digits }) => digits);
    expect(counts.slice(0, 6)).toEqual([1, 2, 3, 4, 0, 1]);
    await call.hangUp();
  });

  test('the end key ends a number that may be whole, before a longer one could come', async () => {
    const call = await opened();
    const since = call.events.mark();
    await call.lock('pan');
    const pressed = performance.now();
    await call.key('4111111111111111#');
    expect(await call.ending('pan', since)).toMatchObject({ type: 'capture.completed', digits: 16 });
    expect(performance.now() - pressed).toBeLessThan(16 * 150 + 2000);
    await call.hangUp();
  });

  test('the code fails by itself, which ends the lock and leaves the card as it was (P-52…P-54)', async () => {
    const call = await opened();
    await call.take('pan', '378282246310005');
    const since = call.events.mark();
    await call.lock('cvc');
    await call.key('737');
    expect(await call.ending('cvc', since)).toMatchObject({ type: 'capture.failed', reason: 'inter-key-timeout' });
    await call.events.next('capture.unlocked', ({ callId }) => callId === call.id, { since });
    const { body } = await call.api.session(call.sessionId);
    expect(body).toMatchObject({ locked: false, fields: { pan: { state: 'complete', brand: 'amex' } } });
    expect(body.fields.cvc).toMatchObject({ state: 'failed', digits: 0 });
    expect(await call.take('cvc', '7373')).toMatchObject({ type: 'capture.completed', digits: 4 });
    expect(await call.authorise()).toMatchObject({ type: 'payment.succeeded' });
    await call.hangUp();
  });
});

describe('either side may hang up in the middle (O-10)', () => {
  const hangUps: readonly [string, (call: LiveCall) => Promise<unknown>, (call: LiveCall) => Promise<unknown>][] = [
    ['caller-hung-up', (call) => call.caller.bye(), (call) => call.agent.ended],
    ['agent-hung-up', (call) => call.agent.bye(), (call) => call.caller.ended],
  ];

  test.each(hangUps)(
    '%s: the capture fails, the session closes, the other side hears BYE',
    async (reason, hangUp, heard) => {
      const call = await opened();
      const since = call.events.mark();
      await call.lock('pan');
      await call.key('41111111');
      await hangUp(call);
      await heard(call);
      const mine = ({ callId }: Frame): boolean => callId === call.id;
      expect(await call.events.next('capture.failed', mine, { since })).toMatchObject({ field: 'pan', reason });
      await call.events.next('session.closed', mine, { since });
      await call.events.next('call.ended', mine, { since });
      expect((await call.api.calls()).body.calls).toEqual([]);
      const answer = await call.api.send('POST', `/v1/sessions/${call.sessionId}/captures`, { field: 'pan' });
      expect([404, 409]).toContain(answer.status);
    },
  );

  test('both at the same moment: one end, nothing left', async () => {
    const call = await opened();
    await call.lock('pan');
    await Promise.all([call.caller.bye(), call.agent.bye()]);
    await call.events.next('call.ended', ({ callId }) => callId === call.id);
    expect(call.types().filter((type) => type === 'capture.failed')).toHaveLength(1);
    expect(call.types().filter((type) => type === 'call.ended')).toHaveLength(1);
  });

  test('nothing is left of all these calls', async () => {
    for (const gauge of ['calls_active', 'sessions_open', 'captures_active', 'calls_secured', 'sip_dialogs']) {
      await job.untilMetric(`tonelock_${gauge}`, 0, 40_000);
    }
  });
});
