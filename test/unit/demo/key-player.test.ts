import fc from 'fast-check';
import { expect, test } from 'vitest';
import { KeyPlayer, queueLimit, type Slot } from '../../../src/demo/key-player.ts';

const keys = '0123456789*#';
const play = (player: KeyPlayer, intervals: number): Slot[] => Array.from({ length: intervals }, () => player.next());

test('a press is five updates of growing length and three equal ends, then at least 60 ms of audio', () => {
  const player = new KeyPlayer();
  player.press('7');
  player.press('7');
  const slots = play(player, 12);
  const events = slots.slice(0, 8).map((slot) => (slot.kind === 'event' ? [slot.end, slot.intervals] : 'audio'));
  expect(events).toEqual([
    [false, 1],
    [false, 2],
    [false, 3],
    [false, 4],
    [false, 5],
    [true, 6],
    [true, 6],
    [true, 6],
  ]);
  expect(slots.slice(8, 11).map((slot) => slot.kind)).toEqual(['audio', 'audio', 'audio']);
  expect(slots[11]).toMatchObject({ kind: 'event', first: true });
});

test('whatever is pressed comes out once, in its order, however it is mixed with time', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.constantFrom(...keys), fc.nat(20)), { maxLength: 30 }), (presses) => {
      const player = new KeyPlayer();
      const slots = presses.flatMap(([key, intervals]) => {
        player.press(key);
        return play(player, intervals);
      });
      slots.push(...play(player, 12 * (player.pending + 1)));
      const begun = slots.flatMap((slot) => (slot.kind === 'event' && slot.first ? [keys[slot.code]] : []));
      expect(begun).toEqual(presses.map(([key]) => key));
      expect(slots.filter((slot) => slot.kind === 'event' && slot.end)).toHaveLength(3 * presses.length);
      expect(player.pending).toBe(0);
    }),
  );
});

test('what is no key of a telephone is refused, and so is a flood', () => {
  const player = new KeyPlayer();
  for (const text of ['', 'A', '12', ' ']) expect(player.press(text)).toBe(false);
  const taken = Array.from({ length: 100 }, () => player.press('1')).filter(Boolean);
  expect(taken).toHaveLength(queueLimit);
  player.clear();
  expect(player.next()).toEqual({ kind: 'audio' });
});

test('a key by its sound is 100 ms of it and then at least 60 ms of audio', () => {
  const player = new KeyPlayer();
  player.press('5', 'tones');
  player.press('6', 'tones');
  const slots = play(player, 9);
  expect(slots.slice(0, 5)).toEqual([0, 1, 2, 3, 4].map((age) => ({ kind: 'tone', code: 5, age })));
  expect(slots.slice(5, 8).map((slot) => slot.kind)).toEqual(['audio', 'audio', 'audio']);
  expect(slots[8]).toEqual({ kind: 'tone', code: 6, age: 0 });
});
