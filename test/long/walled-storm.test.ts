import fc from 'fast-check';
import { afterEach, expect, test, vi } from 'vitest';
import { squallArbitrary, WalledStorm } from '../support/walled-storm.ts';

afterEach(() => vi.restoreAllMocks());

const runs = Number(process.env['TONELOCK_STORMS'] ?? 40);
let answered = 0;

async function storm(...squalls: Parameters<WalledStorm['run']>[0]): Promise<WalledStorm> {
  vi.restoreAllMocks();
  const one = await WalledStorm.begin();
  await one.run(squalls);
  answered += one.answered;
  return one;
}

test('no order of commands, keys, faults and ends keeps a code past the provider’s answer, lets the agent hear while keyed digits are not wiped, sends twice, or leaves a digit behind', async () => {
  answered = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(squallArbitrary, { minLength: 8, maxLength: 30 }), async (squalls) => {
      const { faults } = await storm({ do: 'open' }, ...squalls);
      expect(faults).toEqual([]);
    }),
    { numRuns: runs },
  );
  // A storm that never reaches a provider shows nothing.
  expect(answered).toBeGreaterThan(runs / 2);
}, 600_000);

test('the same eyes see a code that is kept and a field that is open when the agent hears again', async () => {
  const { DigitBuffer } = await import('../../src/cde/entry/digit-buffer.ts');
  vi.restoreAllMocks();
  const one = await WalledStorm.begin();
  vi.spyOn(DigitBuffer.prototype, 'wipe').mockImplementation(() => undefined);
  await one.run([
    { do: 'open' },
    { do: 'command', which: 0 },
    { do: 'key', which: 1 },
    { do: 'command', which: 2 },
    { do: 'ready' },
    { do: 'command', which: 3 },
    { do: 'second' },
  ]);
  expect(one.faults).toEqual(
    expect.arrayContaining([
      'the agent hears while keyed digits are not wiped',
      'a code was kept past the answer',
      'digits were left at the end',
    ]),
  );
});
