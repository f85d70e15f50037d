import { beforeEach, expect, test } from 'vitest';
import type { Frame } from '../../../src/panel/frame.ts';
import { LastWords } from '../../../src/panel/last-words.ts';
import type { SessionView } from '../../../src/payment/session-view.ts';
import { filledSession } from '../../support/sample-session.ts';

const { id } = filledSession;
const frame = (type: string, sessionId: string | null = id): Frame => ({ seq: 1, type, sessionId }) as unknown as Frame;
const closed = { ...filledSession, state: 'closed' as const };

let answers: (SessionView | undefined | Promise<SessionView | undefined>)[];
let told: SessionView[];
let words: LastWords;

beforeEach(() => {
  [answers, told] = [[], []];
  words = new LastWords({ ask: async () => answers.shift(), closed: (session) => told.push(session) });
  words.take(frame('session.opened'), filledSession);
});

const settled = () => new Promise((done) => setImmediate(done));

test('what was closed during a cut is asked after when the link is back, and told (O-10)', async () => {
  answers = [closed];
  words.take(frame('snapshot', null), undefined);
  await settled();
  expect(told).toEqual([closed]);
});

test('nothing is asked after that is on the screen, nor what was closed before all eyes', async () => {
  answers = [closed, closed];
  words.take(frame('snapshot', null), filledSession);
  words.take(frame('session.closed'), undefined);
  words.take(frame('snapshot', null), undefined);
  await settled();
  expect([answers.length, told]).toEqual([2, []]);
});

test.each([
  ['is open still', filledSession],
  ['is not known', undefined],
])('a session that %s is not told of', async (_, answer) => {
  answers = [answer];
  words.take(frame('snapshot', null), undefined);
  await settled();
  expect([answers.length, told]).toEqual([0, []]);
});

test('an answer that was overtaken by an event is asked for again, and the later one stands', async () => {
  const paid = { ...closed, missing: [] };
  let late: (session: SessionView) => void = () => undefined;
  answers = [new Promise((done) => (late = done)), paid];
  words.take(frame('snapshot', null), undefined);
  words.take(frame('payment.succeeded'), undefined);
  words.take(frame('payment.succeeded', 'of another'), undefined);
  await settled();
  expect(told).toEqual([]);
  late(closed);
  await settled();
  expect(told).toEqual([closed, paid]);
});

test('when another session is on the screen before the answer, that stays', async () => {
  let late: (session: SessionView) => void = () => undefined;
  answers = [new Promise((done) => (late = done))];
  words.take(frame('snapshot', null), undefined);
  words.take(frame('session.opened', 'another'), { ...filledSession, id: 'another' });
  late(closed);
  await settled();
  expect(told).toEqual([]);
});

test('a server that does not answer is asked again at the next connection', async () => {
  answers = [Promise.reject(new Error('cut')), closed];
  words.take(frame('snapshot', null), undefined);
  await settled();
  words.take(frame('snapshot', null), undefined);
  await settled();
  expect(told).toEqual([closed]);
});
