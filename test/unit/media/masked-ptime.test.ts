import { expect, test } from 'vitest';
import { heardWord } from '../../support/heard-keys.ts';
import { card, keyedCard, sounding } from '../../support/keyed-sound.ts';
import { throughMaskedLine } from '../../support/masked-line.ts';

/** Samples of a packet: 5 to 60 ms, and lengths that fit no block of the detector. */
const lengths = [40, 80, 110, 137, 160, 180, 200, 240, 320, 480];

test.each(lengths)('masked: of a card in packets of %i samples at most 10 ms of a tone pass', (length) => {
  // Tones that begin anywhere in a packet.
  for (const pauseMs of [60, 61.625, 63.25]) {
    const { heard, keys, leaks } = throughMaskedLine(keyedCard({}, pauseMs), {}, length);
    expect(keys).toBe(card.length);
    expect(heardWord(heard)).toBe('');
    expect(sounding(heard).longestMs).toBeLessThanOrEqual(10);
    expect(leaks).toEqual([]);
  }
});

test.each(lengths)('masked, with a line of 40 ms: of a card in packets of %i samples nothing passes', (length) => {
  const { heard } = throughMaskedLine(keyedCard(), { lookBackMs: 40 }, length);
  expect(sounding(heard).allMs).toBe(0);
});
