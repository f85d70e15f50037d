import { getPriority } from 'node:os';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { priorities } from '../../src/shared/priority.ts';
import { descendants } from '../support/child-processes.ts';
import type { KeyWay, LiveCall } from '../support/live-call.ts';
import { MainJob } from '../support/main-job.ts';
import { mediaIsFreeswitch } from '../support/real-engines.ts';

let job: MainJob;

beforeAll(async () => {
  job = await MainJob.start();
});

afterAll(async () => {
  await job.stop();
});

/** Keys card and code, authorises, closes; checks on the way what the agent's desktop may rely on. */
async function pay(call: LiveCall, way: KeyWay): Promise<void> {
  await call.open();
  const since = call.events.mark();
  const card = await call.take('pan', '4111111111111111', way);
  expect(card).toMatchObject({ type: 'capture.completed', field: 'pan', digits: 16, mask: '*'.repeat(16) });
  expect(card).toMatchObject({ brand: 'visa', lastFour: '1111' });
  const code = await call.take('cvc', '737', way);
  expect(code).toMatchObject({ type: 'capture.completed', field: 'cvc', digits: 3, mask: '***' });
  expect(code['lastFour']).toBeUndefined();

  const progress = call.events.frames
    .slice(since)
    .filter(({ type, field }) => type === 'capture.progress' && field === 'pan');
  expect(progress.map(({ digits, mask }) => [digits, mask])).toEqual(
    Array.from({ length: progress.length }, (_, n) => [n + 1, '*'.repeat(n + 1)]),
  );
  expect(progress.length).toBeGreaterThanOrEqual(15);

  const { body: ready } = await call.api.session(call.sessionId);
  expect(ready).toMatchObject({ state: 'ready', missing: [], locked: false, capturing: null });
  expect(ready.fields.pan).toMatchObject({ state: 'complete', digits: 16, brand: 'visa', lastFour: '1111' });

  const paid = await call.authorise();
  expect(paid).toMatchObject({ type: 'payment.succeeded', amount: 12_300 });
  expect(paid['reference']).toEqual(expect.stringMatching(/\S{6,}/));

  const { body: history } = await call.api.transactions(call.id);
  expect(history.transactions).toMatchObject([
    {
      outcome: 'succeeded',
      amount: 12_300,
      reference: paid['reference'],
      brand: 'visa',
      lastFour: '1111',
      agent: call.api.token.replace('agent-', ''),
    },
  ]);
  expect((await call.api.closeSession(call.sessionId)).status).toBe(200);
  await call.events.next('session.closed', ({ callId }) => callId === call.id, { since });
}

describe('the main job', () => {
  test('is done by RTP events: the customer keys, the agent sees counts and ticks, the provider answers (P-39…P-64)', async () => {
    const call = await job.inbound('1001');
    await pay(call, 'events');
    expect(call.caller.over || call.agent.over).toBe(false);
    await call.hangUp();
    const ended = await call.events.next('call.ended');
    const quality = { lost: 0, refused: 0, jitterMs: expect.any(Number), sent: expect.any(Number) };
    expect(ended).toMatchObject({ media: { caller: quality, agent: quality } });
  });

  test('is done by SIP INFO', async () => {
    const call = await job.inbound('1002');
    await pay(call, 'info');
    expect(call.agent.messages.filter(({ method }) => method === 'INFO')).toEqual([]);
    await call.hangUp();
  });

  test('is done on a call that the agent made: the customer is the one captured from', async () => {
    const call = await job.outbound('1003', '81312345678');
    const { body } = await call.api.calls();
    expect(body.calls).toMatchObject([{ callId: call.id, direction: 'outbound', state: 'answered', agent: '1003' }]);
    await pay(call, 'events');
    await call.hangUp();
  });

  test('is done where the agent side has no telephone-event at all', async () => {
    job.agents.answers = { events: false };
    const call = await job.inbound('1004');
    expect(call.caller.remoteSdp).toMatch(/telephone-event\/8000/);
    await pay(call, 'events');
    await call.hangUp();
    job.agents.answers = {};
  });

  test('tells its steps in one order: locked, progress, completed, unlocked', async () => {
    const call = await job.inbound('1005');
    await call.open();
    const since = call.events.mark();
    await call.take('pan', '378282246310005');
    const steps = call.types(since).filter((type) => type.startsWith('capture.'));
    expect(steps[0]).toBe('capture.locked');
    expect(steps.slice(-2)).toEqual(['capture.completed', 'capture.unlocked']);
    expect(new Set(steps.slice(1, -2))).toEqual(new Set(['capture.progress']));
    const seqs = call.events.frames.map(({ seq }) => seq);
    expect(seqs).toEqual(seqs.map((_, n) => (seqs[0] ?? 0) + n));
    await call.hangUp();
  });

  test('lets both sides hear each other before, between and after captures (P-48)', async () => {
    const call = await job.inbound('1006');
    await call.hearEachOther();
    await call.open();
    await call.take('pan', '4111111111111111');
    await call.hearEachOther();
    await call.take('cvc', '737');
    await call.hearEachOther();
    await call.hangUp();
  });

  test('wants the card before its code (P-49): 409', async () => {
    const call = await job.inbound('1007');
    await call.open();
    const answer = await call.api.send('POST', `/v1/sessions/${call.sessionId}/captures`, { field: 'cvc' });
    expect(answer.status).toBe(409);
    expect(answer.body).toMatchObject({ code: 'cvc-before-pan' });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    await call.hangUp();
  });

  test('names what is missing at authorise, and sends nothing (P-57, P-72): 422', async () => {
    const call = await job.inbound('1008');
    await call.open({ type: 'charge' });
    const answer = await call.api.send('POST', `/v1/sessions/${call.sessionId}/authorise`);
    expect(answer.status).toBe(422);
    expect(answer.body.missing).toEqual(expect.arrayContaining(['amount', 'pan', 'cvc']));
    await call.hangUp();
    expect((await call.api.send('GET', `/v1/calls/${call.id}/transactions`)).body?.transactions ?? []).toEqual([]);
  });

  test('has one session a call, and none for another agent', async () => {
    const call = await job.inbound('1009');
    await call.open();
    expect((await call.api.send('POST', `/v1/calls/${call.id}/session`, {})).status).toBe(409);
    const other = job.api('2001');
    expect((await other.send('GET', `/v1/sessions/${call.sessionId}`)).status).toBe(404);
    expect((await other.send('POST', `/v1/calls/${call.id}/session`, {})).status).toBe(404);
    expect((await other.calls()).body.calls).toEqual([]);
    await call.hangUp();
  });

  // On FreeSWITCH sound has no process of ours.
  test.runIf(process.getuid?.() === 0 && !mediaIsFreeswitch)(
    'goes before other programs where it may, sound before everything',
    () => {
      const { pid, roomPid } = job.gateway;
      const { media, gateway } = priorities;
      expect([pid, roomPid].map(getPriority)).toEqual([gateway, gateway]);
      const streams = descendants(roomPid).map((one) => getPriority(one.pid));
      expect(streams.length).toBeGreaterThan(0);
      expect(new Set(streams)).toEqual(new Set([media]));
    },
  );

  test('leaves nothing behind when its calls are over', async () => {
    for (const gauge of [
      'calls_active',
      'sessions_open',
      'captures_active',
      'calls_secured',
      'room_requests',
      'sip_dialogs',
    ]) {
      await job.untilMetric(`tonelock_${gauge}`, 0, 40_000);
    }
    expect(descendants(job.gateway.pid).length).toBeGreaterThan(0);
  });
});
