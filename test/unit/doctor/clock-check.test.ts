import { expect, test } from 'vitest';
import { clockAgainst } from '../../../src/composition/doctor/clock-check.ts';

test.each([
  [12, 'fine', /12 ms$/],
  [-999, 'fine', /999 ms$/],
  [1_000, 'warning', /1\.0 s$/],
  [-14_999, 'warning', /15\.0 s$/],
  [15_000, 'fault', /15\.0 s$/],
  [-86_400_000, 'fault', /86400\.0 s$/],
])('a clock that is %s ms ahead is %s', (aheadMs, severity, found) => {
  expect(clockAgainst('a server', aheadMs)).toMatchObject({ severity, found: expect.stringMatching(found) });
});
