import { expect, test } from 'vitest';
import { Outbox } from '../../../src/cde/outbox.ts';

const turn = (): Promise<void> => new Promise((done) => setImmediate(done));

test('what is said in one turn, and in what was promised in it, goes out together and in order', async () => {
  const sent: (readonly unknown[])[] = [];
  const outbox = new Outbox((messages) => void sent.push(messages));
  outbox.send('notice');
  await Promise.resolve().then(() => outbox.send('answer'));
  expect(sent).toEqual([]);
  await turn();
  outbox.send('later');
  await turn();
  expect(sent).toEqual([['notice', 'answer'], ['later']]);
});

test('who wants to know is told once, when it is out', async () => {
  const told: string[] = [];
  let out: (() => void) | undefined;
  const outbox = new Outbox((_, sent) => {
    out = sent;
  });
  outbox.send('one', () => told.push('one'));
  outbox.send('two');
  outbox.send('three', () => told.push('three'));
  await turn();
  expect(told).toEqual([]);
  out?.();
  expect(told).toEqual(['one', 'three']);
});
