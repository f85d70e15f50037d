import fc from 'fast-check';
import { expect, test } from 'vitest';
import { answersArbitrary, gustArbitrary, heldArbitrary } from '../support/desk-gust.ts';
import { DeskStorm } from '../support/desk-storm.ts';

test('no order of commands, answers, faults and ends sends a payment twice, resends an unknown one, loses an outcome or what is owed outside for it, leaves a card, a lock or an interlock behind, or tells a client a lie', async () => {
  await fc.assert(
    fc.asyncProperty(
      heldArbitrary,
      answersArbitrary,
      fc.array(gustArbitrary, { minLength: 10, maxLength: 50 }),
      fc.boolean(),
      async (held, answers, gusts, hangUp) => {
        const storm = new DeskStorm(held, answers);
        await storm.run([{ do: 'open' }, ...gusts]);
        await storm.calm(hangUp);
        expect(storm.faults).toEqual([]);
      },
    ),
    { numRuns: Number(process.env['TONELOCK_STORMS'] ?? 100) },
  );
}, 600_000);

test('a payment that was given back stays cancelled in the book, whatever an enquiry that began before says after it', async () => {
  const storm = new DeskStorm(['voidPayment'], { outcomes: [0, 0, 0, 0], enquiries: [0], voids: true });
  await storm.run([
    { do: 'open' },
    { do: 'again' },
    { do: 'cancel' },
    { do: 'roomFails', which: 0, code: 'media-failed' },
    { do: 'cancel' },
  ]);
  await storm.calm(false);
  expect(storm.faults).toEqual([]);
  expect(storm.bench.room.voided).toHaveLength(1);
});
