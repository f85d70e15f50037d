import { expect, test } from 'vitest';
import { Coalescer } from '../../../src/cde/coalescer.ts';
import { FakeClock } from '../../support/fake-clock.ts';

function coalescer() {
  const clock = new FakeClock();
  const sent: (readonly unknown[])[] = [];
  return { clock, sent, coalescer: new Coalescer(clock, (messages) => void sent.push(messages)) };
}

test('one that comes alone goes at once, and those that come soon after it go together, in order', () => {
  const { clock, sent, coalescer: it } = coalescer();
  it.add(1);
  expect(sent).toEqual([[1]]);
  it.add(2);
  clock.advance(39);
  it.add(3);
  expect(sent).toEqual([[1]]);
  clock.advance(1);
  expect(sent).toEqual([[1], [2, 3]]);
});

test('what goes together is followed by another pause, and after a pause with nothing the next one goes at once', () => {
  const { clock, sent, coalescer: it } = coalescer();
  it.add(1);
  it.add(2);
  clock.advance(40);
  it.add(3);
  expect(sent).toEqual([[1], [2]]);
  clock.advance(40);
  expect(sent).toEqual([[1], [2], [3]]);
  clock.advance(40);
  expect(clock.pending).toBe(0);
  it.add(4);
  expect(sent).toEqual([[1], [2], [3], [4]]);
});

test('no more than sixteen go together', () => {
  const { clock, sent, coalescer: it } = coalescer();
  for (let n = 0; n < 40; n += 1) it.add(n);
  clock.advance(40);
  expect(sent.map(({ length }) => length)).toEqual([1, 16, 16, 7]);
  expect(sent.flat()).toEqual(Array.from({ length: 40 }, (_, n) => n));
});

test('what waits can be sent before its time; with nothing waiting that does nothing', () => {
  const { sent, coalescer: it } = coalescer();
  it.flush();
  it.add(1);
  it.add(2);
  it.flush();
  expect(sent).toEqual([[1], [2]]);
});

test('what waits can be dropped', () => {
  const { clock, sent, coalescer: it } = coalescer();
  it.add(1);
  it.add(2);
  it.drop();
  expect(clock.pending).toBe(0);
  it.flush();
  expect(sent).toEqual([[1]]);
});
