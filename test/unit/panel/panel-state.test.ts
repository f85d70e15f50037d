import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Frame } from '../../../src/panel/frame.ts';
import { parseFrame } from '../../../src/panel/frame.ts';
import { callInView, emptyState, type PanelState, reduce, sessionInView } from '../../../src/panel/panel-state.ts';
import type { SessionView } from '../../../src/payment/session-view.ts';
import { filledSession, lockedSession, sampleCall, samplePayment } from '../../support/sample-session.ts';

const frame = (seq: number, type: string, fields: object = {}): Frame =>
  ({ seq, type, callId: sampleCall.callId, sessionId: filledSession.id, ...fields }) as Frame;
const take = (state: PanelState, ...frames: Frame[]): PanelState =>
  frames.reduce((now, one) => reduce(now, { type: 'frame', frame: one }), state);
const snapshot = frame(1, 'snapshot', { calls: [sampleCall], sessions: [filledSession] });
const start = take(emptyState, snapshot);
const cutOffFields = { pan: { ...filledSession.fields['pan'], state: 'failed', reason: 'caller-hung-up' } };
const session = (state: PanelState) => state.sessions[filledSession.id];

test('the call counts as locked from `capture.locked` to `capture.unlocked`, and only then (P-40)', () => {
  const locked = take(start, frame(2, 'capture.locked', { field: 'pan' }));
  expect(session(start)?.locked).toBe(false);
  expect(session(locked)).toMatchObject({ locked: true, capturing: 'pan' });
  const done = take(
    locked,
    frame(3, 'capture.completed', { field: 'pan', digits: 16, mask: '*'.repeat(16), brand: 'visa' }),
  );
  expect(session(done)).toMatchObject({
    locked: true,
    fields: { pan: { state: 'complete', brand: 'visa', lastFour: null } },
  });
  expect(session(take(done, frame(4, 'capture.unlocked', { field: 'pan' })))).toMatchObject({
    locked: false,
    capturing: null,
  });
});

test('each key shows as one asterisk more, a failed field shows none (P-43, P-45)', () => {
  const three = take(
    start,
    frame(2, 'capture.locked', { field: 'pan' }),
    frame(3, 'capture.progress', { field: 'pan', digits: 3, mask: '***' }),
  );
  expect(session(three)?.fields['pan']).toMatchObject({ state: 'capturing', digits: 3, mask: '***' });
  const failed = take(three, frame(4, 'capture.failed', { field: 'pan', reason: 'inter-key-timeout' }));
  expect(session(failed)?.fields['pan']).toMatchObject({
    state: 'failed',
    digits: 0,
    mask: '',
    reason: 'inter-key-timeout',
  });
});

test('without a connection nothing of what was known is shown, least of all a lock', () => {
  const locked = take(emptyState, frame(1, 'snapshot', { calls: [sampleCall], sessions: [lockedSession] }));
  const lost = reduce(locked, { type: 'link', link: 'connecting' });
  expect(lost).toMatchObject({ link: 'connecting', calls: {}, sessions: {} });
});

test('a snapshot after a restart of the server is the truth though its numbers begin anew', () => {
  const lost = reduce(take(start, frame(70, 'call.started', { call: sampleCall })), {
    type: 'link',
    link: 'connecting',
  });
  const back = take(
    lost,
    frame(1, 'snapshot', { calls: [sampleCall], sessions: [] }),
    frame(2, 'session.opened', { session: filledSession }),
  );
  expect(back.seq).toBe(2);
  expect(session(back)).toEqual(filledSession);
});

test('frames that come twice, and old ones, change nothing', () => {
  const frames = [
    frame(2, 'capture.locked', { field: 'pan' }),
    frame(3, 'capture.progress', { field: 'pan', digits: 1, mask: '*' }),
    frame(4, 'capture.failed', { field: 'pan', reason: 'stopped' }),
    frame(5, 'capture.unlocked', { field: 'pan' }),
    frame(6, 'payment.authorising', { payment: samplePayment }),
  ];
  const once = take(start, ...frames);
  fc.assert(
    fc.property(fc.array(fc.nat(frames.length - 1)), (again) => {
      expect(take(once, ...again.map((index) => frames[index] as Frame))).toEqual(once);
    }),
  );
});

test('a closed session leaves its call free for the next payment', () => {
  const closed = take(start, frame(2, 'session.closed', { session: { ...filledSession, state: 'closed' } }));
  expect(closed.sessions).toEqual({});
  expect(closed.calls[sampleCall.callId]?.sessionId).toBeNull();
});

test('the only call is in view by itself; of two, the one that was chosen or asked for', () => {
  const other = { ...sampleCall, callId: 'other' };
  const two = take(start, frame(2, 'call.started', { call: other, callId: 'other', sessionId: null }));
  expect(callInView(start, null, null)).toEqual(sampleCall);
  expect(callInView(two, null, null)).toBeUndefined();
  expect(callInView(two, null, 'other')).toEqual(other);
  expect(callInView(two, 'gone', 'other')).toBeUndefined();
});

test('a payment whose call has ended stays in view until the server closes it', () => {
  const ended = take(start, frame(2, 'call.ended', { call: { ...sampleCall, state: 'ended' } }));
  expect(sessionInView(ended, callInView(ended, null, null), null)).toEqual(filledSession);
});

test('frames of types that a newer server may send, and what is no frame, do no harm', () => {
  expect(take(start, frame(2, 'weather.changed')).sessions).toEqual(start.sessions);
  for (const text of ['', '{', 'null', '{"seq":"1","type":"x"}', '{"seq":1}', 7])
    expect(parseFrame(text)).toBeUndefined();
});

const closed = (change: object = {}) => ({ ...filledSession, state: 'closed', ...change });
const paid = [{ ...samplePayment, state: 'succeeded', reference: 'SIM-1' }] as const;

test.each([
  ['the call ended while a card was keyed', { fields: cutOffFields }, 'caller', true],
  ['the call ended after something was paid', { payments: paid }, 'caller', true],
  ['the call ended and nothing had begun', {}, 'caller', false],
  ['the agent closed what was paid', { payments: paid }, filledSession.agent, false],
  ['a CRM closed what it controls', { payments: paid, control: 'crm' }, 'crm', false],
])('where %s, the panel keeps its last words, or does not (O-10)', (_, change, by, told) => {
  const state = take(start, frame(2, 'session.closed', { session: closed(change), by }));
  expect(state.afterword).toBe(told ? filledSession.id : null);
  expect(sessionInView(state, sampleCall, null)).toBeUndefined();
});

test('what is at the provider when a session is closed is followed to its outcome, whoever closed it', () => {
  const sent = [{ ...samplePayment, state: 'authorising' }] as const;
  const gone = take(
    start,
    frame(2, 'payment.authorising', { payment: sent[0] }),
    frame(3, 'session.closed', { session: closed({ payments: sent }), by: filledSession.agent }),
  );
  expect(gone.afterword).toBe(filledSession.id);
  const told = take(gone, frame(4, 'payment.succeeded', { payment: paid[0], reference: 'SIM-1' }));
  expect(session(told)).toMatchObject({ state: 'closed', payments: [{ state: 'succeeded', reference: 'SIM-1' }] });
  const next = { ...filledSession, id: 'another' };
  const after = take(told, frame(5, 'session.opened', { session: next, by: filledSession.agent }));
  expect(after.afterword).toBeNull();
  expect(reduce(told, { type: 'link', link: 'connecting' })).toMatchObject({ afterword: null, sessions: {} });
});

test.each([
  ['at the provider', { payments: [{ ...samplePayment, state: 'authorising' }] }, true],
  ['unknown, under a CRM', { payments: [{ ...samplePayment, state: 'unknown' }], control: 'crm' }, true],
  ['paid', { payments: paid }, true],
  ['cut off', { fields: cutOffFields }, true],
  ['not begun', {}, false],
])('a session that was closed while nothing was heard is told when it is recalled: %s (O-10)', (_, change, told) => {
  const back = take(emptyState, frame(7, 'snapshot', { calls: [], sessions: [] }));
  const state = reduce(back, { type: 'recalled', session: closed(change) as SessionView });
  expect(state.afterword).toBe(told ? filledSession.id : null);
  expect(Object.keys(state.sessions)).toEqual(told ? [filledSession.id] : []);
  expect(state.seq).toBe(7);
});

test('a call that is transferred leaves the panel of the one agent and comes to that of the other (P-70)', () => {
  const call = { ...sampleCall, agent: '1002' };
  const moved = frame(2, 'call.transferred', { call, from: sampleCall.agent });
  const before = take(emptyState, frame(1, 'snapshot', { calls: [sampleCall], sessions: [] }));
  expect(take(before, moved).calls).toEqual({});
  const other = take(emptyState, frame(1, 'snapshot', { calls: [], sessions: [] }));
  expect(take(other, moved).calls).toEqual({ [call.callId]: call });
  const back = frame(3, 'call.transferred', { call: sampleCall, from: '1002' });
  expect(Object.values(take(before, moved, back).calls)).toEqual([sampleCall]);
});
