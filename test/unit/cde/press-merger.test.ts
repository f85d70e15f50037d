import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { KeyCode } from '../../../src/cde/dtmf/key-code.ts';
import { type Arrival, PressMerger } from '../../../src/cde/dtmf/press-merger.ts';
import type { PressSource } from '../../../src/cde/media/media-engine.ts';

type Report = readonly [source: PressSource, key: number, at: number, heldMs?: number];

const arrival = ([source, key, at, heldMs = null as never]: Report): Arrival => ({
  source,
  key: key as KeyCode,
  at,
  heldMs,
});

/** The keys that come out, in order. */
function merged(reports: readonly Report[]): number[] {
  using merger = new PressMerger();
  return reports.filter((report) => merger.isNew(arrival(report))).map(([, key]) => key);
}

describe('one key comes out', () => {
  it.each<[string, Report[]]>([
    [
      'when event and tone carry it',
      [
        ['event', 5, 0],
        ['tone', 5, 40],
      ],
    ],
    [
      'when a gateway sends the tone before its event',
      [
        ['tone', 5, 0],
        ['event', 5, 90],
      ],
    ],
    [
      'when all three carry it',
      [
        ['event', 5, 0],
        ['tone', 5, 30],
        ['info', 5, 210],
      ],
    ],
    [
      'when the INFO was sent twice over UDP',
      [
        ['event', 5, 0],
        ['info', 5, 620],
      ],
    ],
    [
      'when the INFO comes at the end of a long press',
      [
        ['event', 5, 0],
        ['info', 5, 4_000, 4_000],
      ],
    ],
    [
      'when a later report has the earlier time',
      [
        ['tone', 5, 60],
        ['event', 5, 0],
      ],
    ],
  ])('%s', (_, reports) => expect(merged(reports)).toEqual([5]));
});

describe('two keys come out', () => {
  it.each<[string, Report[]]>([
    [
      'when one source reports two',
      [
        ['event', 5, 0],
        ['event', 5, 120],
      ],
    ],
    [
      'when a double press is sent both ways',
      [
        ['event', 5, 0],
        ['tone', 5, 30],
        ['event', 5, 120],
        ['tone', 5, 150],
      ],
    ],
    [
      'when the copies of both come after both',
      [
        ['event', 5, 0],
        ['event', 5, 120],
        ['info', 5, 200],
        ['info', 5, 320],
      ],
    ],
    [
      'when the first event of a double press is lost',
      [
        ['tone', 5, 0],
        ['event', 5, 200],
        ['tone', 5, 210],
      ],
    ],
    [
      'when the first tone of a double press is lost',
      [
        ['event', 5, 0],
        ['event', 5, 200],
        ['tone', 5, 230],
      ],
    ],
    [
      'when event and tone are too far apart',
      [
        ['event', 5, 0],
        ['tone', 5, 501],
      ],
    ],
  ])('%s', (_, reports) => expect(merged(reports)).toEqual([5, 5]));

  it('when they are different keys that overlap', () => {
    expect(
      merged([
        ['event', 5, 0],
        ['event', 6, 10],
        ['tone', 6, 30],
        ['tone', 5, 40],
      ]),
    ).toEqual([5, 6]);
  });
});

interface Tap {
  readonly key: number;
  readonly at: number;
}

const taps = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 11 }), fc.integer({ min: 80, max: 1_500 })), { maxLength: 25 })
  .map((all) => {
    let at = 0;
    return all.map(([key, gap]): Tap => {
      at += gap;
      return { key, at };
    });
  });

const sources: readonly PressSource[] = ['event', 'tone', 'info'];
const largestDelay = { event: 0, tone: 300, info: 900 } as const;

/** What the sources report of the taps, each after a delay of its own that does not change the order of its reports. */
const carried = (all: readonly Tap[], used: readonly PressSource[]) =>
  fc
    .tuple(...used.map((source) => fc.integer({ min: 0, max: largestDelay[source] })))
    .map((delays) =>
      used
        .flatMap((source, index) => all.map(({ key, at }): Report => [source, key, at + (delays[index] ?? 0)]))
        .sort((one, other) => one[2] - other[2]),
    );

describe('every mixture of sources', () => {
  const used = fc.subarray([...sources], { minLength: 1 });

  it('that all carry every press comes to the presses, however fast they follow', () => {
    const scene = fc.tuple(taps, used).chain(([all, ways]) => fc.tuple(fc.constant(all), carried(all, ways)));
    fc.assert(
      fc.property(scene, ([all, reports]) => {
        expect([...merged(reports)].sort()).toEqual(all.map(({ key }) => key).sort());
      }),
      { numRuns: 1_000 },
    );
  });

  it('that lose reports at random comes to the presses, as long as the same key does not come again at once', () => {
    const scene = fc.tuple(taps, used).chain(([all, ways]) => {
      const apart = all.filter(
        ({ key, at }, index) => !all.slice(0, index).some((one) => one.key === key && at - one.at < 2_000),
      );
      return fc.tuple(fc.constant(apart), carried(apart, ways), fc.infiniteStream(fc.nat(9)));
    });
    fc.assert(
      fc.property(scene, ([all, reports, dice]) => {
        const kept = reports.filter(() => (dice.next().value ?? 9) > 2);
        const expected = all.filter(({ key, at }) =>
          kept.some(([, other, when]) => other === key && when >= at && when - at < 1_000),
        );
        expect([...merged(kept)].sort()).toEqual(expected.map(({ key }) => key).sort());
      }),
      { numRuns: 1_000 },
    );
  });

  it('never brings more keys than reports, nor fewer than the busiest source', () => {
    const report = fc.tuple(
      fc.constantFrom(...sources),
      fc.integer({ min: 0, max: 3 }),
      fc.integer({ min: 0, max: 3_000 }),
    );
    fc.assert(
      fc.property(fc.array(report, { maxLength: 30 }), (all) => {
        const reports = [...all].sort((one, other) => one[2] - other[2]);
        const keys = merged(reports).length;
        const busiest = Math.max(0, ...sources.map((source) => reports.filter(([by]) => by === source).length));
        expect(keys).toBeLessThanOrEqual(reports.length);
        expect(keys).toBeGreaterThanOrEqual(busiest);
      }),
      { numRuns: 1_000 },
    );
  });
});

describe('what the merger remembers', () => {
  it('is forgotten when no copy can come any more, the newest key last', () => {
    using merger = new PressMerger();
    for (const at of [0, 200, 400]) merger.isNew(arrival(['event', 7, at]));
    merger.forget(1_100);
    expect(merger.size).toBe(2);
    merger.forget(1_500);
    expect(merger.size).toBe(1);
    merger.forget(6_401);
    expect(merger.size).toBe(0);
  });

  it('stays bounded under a flood', () => {
    using merger = new PressMerger();
    for (let at = 0; at < 1_000; at += 1) merger.isNew(arrival(['event', at % 12, at / 10]));
    expect(merger.size).toBeLessThanOrEqual(32);
  });
});
