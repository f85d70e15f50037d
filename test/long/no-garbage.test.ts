import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BundledProgram } from '../support/bundled-program.ts';

/** The smallest thing on the heap is a number of 16 bytes. */
const bytesMax = 4;
/**
 * How a process compiles the same code differs from one to the next, and now and then one keeps numbers on the heap for good.
 * What the code itself leaves it leaves in each.
 */
const processes = 6;

let meter: BundledProgram;
beforeAll(async () => {
  meter = await BundledProgram.of('garbage-meter');
});
afterAll(() => meter[Symbol.dispose]());

test.each([
  ['that is relayed', {}, 'open', 'noise'],
  ['that is heard in the open', { betweenCaptures: 'drop' }, 'open', 'noise'],
  ['that is looked through under a lock', { secureAudio: 'masked' }, 'locked', 'noise'],
  ['that is kept from the agent', {}, 'locked', 'noise'],
  ['of a voice that is heard in the open', { betweenCaptures: 'drop' }, 'open', 'voice'],
  ['of a voice that is looked through under a lock', { secureAudio: 'masked' }, 'locked', 'voice'],
] as const)('a packet %s leaves nothing on the heap', (_, changes, state, sound) => {
  const left: number[] = [];
  while (left.length < processes && !((left.at(-1) ?? bytesMax) < bytesMax))
    left.push(
      Number(execFileSync(process.execPath, [meter.path, JSON.stringify(changes), state, sound], { encoding: 'utf8' })),
    );
  expect(Math.min(...left)).toBeLessThan(bytesMax);
});
