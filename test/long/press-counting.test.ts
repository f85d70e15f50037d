import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { countNew, playPresses, type ScriptedPress } from '../support/scripted-presses.ts';

const press = fc.record({
  key: fc.integer({ min: 0, max: 15 }),
  durationMs: fc.integer({ min: 2, max: 15 }).map((n) => n * 20),
  gapMs: fc.integer({ min: 2, max: 10 }).map((n) => n * 20),
  endSpacingMs: fc.constantFrom(0, 20),
  marker: fc.boolean(),
  audioBetween: fc.boolean(),
  clockRate: fc.constantFrom(8000, 16_000, 48_000),
});
const sameRate = (presses: ScriptedPress[]): ScriptedPress[] =>
  presses.map((each) => ({ ...each, clockRate: presses[0]?.clockRate ?? 8000 }));
const script = fc.array(press, { minLength: 1, maxLength: 20 }).map(sameRate);

/** Delivery by a bad network: each packet lost, copied, or up to five places late, by seeded choices. */
const fates = fc.array(
  fc.record({ lost: fc.boolean(), copies: fc.integer({ min: 1, max: 3 }), late: fc.integer({ min: 0, max: 5 }) }),
  { minLength: 300, maxLength: 300 },
);

describe('every press is counted once', () => {
  test('whatever subset of its packets is lost, unless it is all of them', () => {
    fc.assert(
      fc.property(script, fates, (presses, fate) => {
        const arrived = playPresses(presses).filter((_, i) => fate[i % fate.length]?.lost !== true);
        const seen = new Set(arrived.map((packet) => packet.press)).size;
        expect(countNew(arrived)).toBe(seen);
      }),
      { numRuns: 500 },
    );
  });

  test('under duplication and reordering by up to five places', () => {
    fc.assert(
      fc.property(script, fates, (presses, fate) => {
        const packets = playPresses(presses);
        const order = packets
          .flatMap((packet, i) => {
            const { copies = 1, late = 0 } = fate[i % fate.length] ?? {};
            return Array.from({ length: copies }, (_, copy) => ({ packet, place: i + late * (copy === 0 ? 1 : 0.9) }));
          })
          .sort((a, b) => a.place - b.place)
          .map(({ packet }) => packet);
        // Arrival times follow the order of arrival.
        const times = packets.map(({ at }) => at);
        const arrived = order.map((packet, i) => ({ ...packet, at: times[Math.min(i, times.length - 1)] ?? 0 }));
        expect(countNew(arrived)).toBe(presses.length);
      }),
      { numRuns: 500 },
    );
  });

  test('10,000 presses at 5 % random loss: each counted once, unless all of its packets were lost', () => {
    let seed = 7;
    const random = (): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
      return seed / 0x8000_0000;
    };
    const presses = Array.from({ length: 10_000 }, () => ({
      key: Math.floor(random() * 16),
      durationMs: 40 + 20 * Math.floor(random() * 8),
      gapMs: 40 + 20 * Math.floor(random() * 5),
    }));
    const arrived = playPresses(presses).filter(() => random() >= 0.05);
    const seen = new Set(arrived.map((packet) => packet.press)).size;
    expect(countNew(arrived)).toBe(seen);
    expect(seen).toBeGreaterThanOrEqual(9999);
  });
});
