import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readInfoDigit } from '../../src/cde/dtmf/info-digit.ts';

it('the key of a SIP INFO body is a key of the keypad or none, whatever the body is', () => {
  const hostile = fc.oneof(
    fc.string({ unit: 'binary', maxLength: 300 }),
    fc
      .array(fc.constantFrom('Signal', 'Duration', '=', ' ', '\r\n', '\n', '5', '#', '11', ';', '\0'), {
        maxLength: 12,
      })
      .map((pieces) => pieces.join('')),
  );
  fc.assert(
    fc.property(fc.constantFrom('application/dtmf-relay', 'application/dtmf'), hostile, (type, text) => {
      const read = readInfoDigit(type, text);
      if (read === undefined) return;
      expect(read.key).toBeGreaterThanOrEqual(0);
      expect(read.key).toBeLessThanOrEqual(15);
    }),
    { numRuns: 10_000 },
  );
});
