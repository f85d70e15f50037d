import { expect, it } from 'vitest';
import { cardsKnownMax, KnownCards } from '../../../src/cde/entry/known-cards.ts';
import { liveWipeables } from '../../../src/cde/entry/wipe-registry.ts';
import { filledBuffer } from '../../support/filled-buffer.ts';
import { RoomBench } from '../../support/room-bench.ts';

const [visa, mastercard] = ['4111111111111111', '5555555555554444'];

it('a card that comes again on a call has its number again', () => {
  using cards = new KnownCards();
  const ordinals = [visa, mastercard, visa, mastercard].map((digits) => cards.ordinalOf(filledBuffer(digits)));
  expect(ordinals).toEqual([1, 2, 1, 2]);
});

it('after a wipe no card is known any more, and no number is given twice', () => {
  using cards = new KnownCards();
  cards.ordinalOf(filledBuffer(visa));
  cards.wipe();
  expect(cards.ordinalOf(filledBuffer(visa))).toBe(2);
});

it('more cards than anybody tries are counted and not remembered', () => {
  using cards = new KnownCards();
  const card = (n: number) => filledBuffer(String(4_000_000_000_000_000 + n));
  for (let n = 0; n < cardsKnownMax; n += 1) cards.ordinalOf(card(n));
  expect(cards.ordinalOf(card(cardsKnownMax))).toBe(cardsKnownMax + 1);
  expect(cards.ordinalOf(card(cardsKnownMax))).toBe(cardsKnownMax + 2);
  expect(cards.ordinalOf(card(0))).toBe(1);
});

it('the room says of a captured card which one of the call it is, and of no other field', async () => {
  const before = liveWipeables();
  const bench = await RoomBench.open();
  expect(await bench.capture('pan', `${visa}#`)).toMatchObject({ card: 1 });
  expect(await bench.capture('cvc', '123')).toMatchObject({ card: null });
  expect(await bench.capture('pan', `${mastercard}#`)).toMatchObject({ card: 2 });
  expect(await bench.capture('pan', `${visa}#`)).toMatchObject({ card: 1 });
  await bench.ask('call.end', { call: bench.call });
  expect(liveWipeables()).toBe(before);
});
