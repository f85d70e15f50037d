import fc from 'fast-check';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import type { RelayOptions } from '../../src/cde/media/embedded/relay-options.ts';
import type { MediaReport } from '../../src/cde/media/media-engine.ts';
import { keyedCard } from '../support/keyed-sound.ts';
import { PaperCall } from '../support/paper-call.ts';
import { rtp, ulaw } from '../support/rtp-phone.ts';

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['performance', 'Date'] });
});

afterEach(() => {
  vi.useRealTimers();
});

/** One thing that happens to a call, at a moment after the one before. */
const step = fc.record({
  afterMs: fc.integer({ min: 10, max: 40 }),
  what: fc.oneof(
    { weight: 40, arbitrary: fc.constant('sound' as const) },
    { weight: 3, arbitrary: fc.constantFrom('agent' as const, 'marked' as const, 'lost' as const, 'late' as const) },
    { weight: 2, arbitrary: fc.constantFrom('event' as const, 'pause' as const, 'leap' as const, 'stranger' as const) },
    { weight: 1, arbitrary: fc.constantFrom('secure' as const, 'release' as const, 'restart' as const) },
  ),
});

type Step = { readonly afterMs: number; readonly what: string };

interface Outcome {
  readonly toAgent: readonly string[];
  readonly toCaller: readonly string[];
  readonly keys: number;
  readonly report: MediaReport;
  readonly shortened: number;
}

/** Numbers of our own streams are random: only their distances from the first packet can be compared. */
const shapes = (packets: PaperCall['toAgent']): string[] =>
  packets.map((packet) => {
    const first = packets[0] ?? packet;
    const distances = [(packet.sequence - first.sequence) & 0xffff, (packet.timestamp - first.timestamp) >>> 0];
    return [...distances, packet.payloadType, packet.marker, packet.payload.toString('hex')].join(' ');
  });

/** What the customer says: packets of one word each, by number. */
const words = (number: number): Buffer => Buffer.alloc(160, number);
/** A card is keyed all the time, by tones. */
const dialled = keyedCard();
const dialling = (number: number): Buffer =>
  Buffer.from(Array.from({ length: 160 }, (_, n) => ulaw(dialled[(160 * number + n) % dialled.length] ?? 0)));

async function play(
  steps: readonly Step[],
  short: boolean,
  changes: Partial<RelayOptions> = {},
  says = words,
): Promise<Outcome> {
  vi.setSystemTime(0);
  const call = await PaperCall.open(changes);
  call.io.short = short;
  let [ssrc, sequence, timestamp] = [0x4444, 65_500, 0xffff_f000];
  const sound = (marker: boolean, number: number): void =>
    call.deliver(rtp(0, marker, number, timestamp, ssrc, says(number)));
  for (const { afterMs, what } of steps) {
    call.pass(afterMs, false);
    sequence += 1;
    timestamp = (timestamp + 160) >>> 0;
    if (what === 'sound' || what === 'marked') sound(what === 'marked', sequence & 0xffff);
    else if (what === 'late') sound(false, (sequence - 3) & 0xffff);
    else if (what === 'agent') call.agentSays();
    else if (what === 'pause') call.pass(1500, false);
    else if (what === 'leap') timestamp = (timestamp + 100_000) >>> 0;
    else if (what === 'stranger') call.deliver(rtp(0, false, sequence & 0xffff, timestamp, 0x9999, Buffer.alloc(160)));
    else if (what === 'event') {
      call.deliver(rtp(101, true, sequence & 0xffff, timestamp, ssrc, Buffer.from([5, 10, 0, 160])));
    } else if (what === 'secure') call.secure();
    else if (what === 'release') void call.relay.release(performance.now());
    else if (what === 'restart') [ssrc, sequence] = [ssrc + 1, 10];
  }
  const report = call.close();
  const keys = call.presses.length;
  const { toAgent, toCaller } = call;
  return { toAgent: shapes(toAgent), toCaller: shapes(toCaller), keys, report, shortened: call.io.shortened };
}

test('Whatever happens in a call, the short way of its sound gives what the long way gives, packet by packet', async () => {
  let shortened = 0;
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
      const short = await play(steps, true);
      const long = await play(steps, false);
      shortened += short.shortened;
      expect({ ...short, shortened: 0 }).toEqual({ ...long, shortened: 0 });
    }),
    { numRuns: 60 },
  );
  expect(shortened).toBeGreaterThan(200);
});

test.each([0, 40])(
  'So it is where each customer is heard and tones are taken out, with a line of %i ms',
  async (lookBackMs) => {
    const changes = { betweenCaptures: 'drop', lookBackMs, fill: 'noise' } as const;
    let [shortened, keys] = [0, 0];
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 60 }), async (steps) => {
        const short = await play(steps, true, changes, dialling);
        const long = await play(steps, false, changes, dialling);
        shortened += short.shortened;
        keys += short.keys;
        expect({ ...short, shortened: 0 }).toEqual({ ...long, shortened: 0 });
      }),
      { numRuns: 30 },
    );
    expect(shortened).toBeGreaterThan(100);
    expect(keys).toBeGreaterThan(20);
  },
);

test('Sound takes the short way only while nothing is secured, held or to be looked at', async () => {
  const plain = await play(
    Array.from({ length: 50 }, () => ({ afterMs: 20, what: 'sound' })),
    true,
  );
  expect(plain.shortened).toBe(49);
  const secured = [
    { afterMs: 0, what: 'sound' },
    { afterMs: 0, what: 'secure' },
  ];
  const rest = Array.from({ length: 50 }, () => ({ afterMs: 20, what: 'sound' }));
  expect((await play([...secured, ...rest], true)).shortened).toBe(0);
  const pressed = [{ afterMs: 20, what: 'event' }, ...rest.slice(0, 9)];
  expect((await play([...rest.slice(0, 2), ...pressed], true)).shortened).toBe(1);
});
