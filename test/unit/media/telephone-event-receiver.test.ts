import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type EventPacket, emptyEventPacket, readEvent, wipeEvent } from '../../../src/cde/dtmf/telephone-event.ts';
import { pressTimeoutMs, TelephoneEventReceiver } from '../../../src/cde/dtmf/telephone-event-receiver.ts';
import { type PressOptions, pressSchedule } from '../../support/event-schedule.ts';

interface Sent extends EventPacket {
  /** Which press of the script the packet belongs to. */
  readonly press: number;
}

interface ScriptedPress extends PressOptions {
  readonly key: number;
  readonly gapMs: number;
  /** Timestamp step to the next press, where it is not what the time says (SIPp's is 400). */
  readonly stepTicks?: number;
  readonly audioBetween?: boolean;
}

/** Plays presses into packets: what a correct sender (or, by option, a known wrong one) puts on the wire. */
function play(script: readonly ScriptedPress[], ssrc = 0x1234): Sent[] {
  const packets: Sent[] = [];
  let at = 1000;
  let timestamp = 0xffff_f000;
  let sequence = 0xfff0;
  for (const [press, options] of script.entries()) {
    const rate = options.clockRate ?? 8000;
    let last = 0;
    for (const event of pressSchedule(options)) {
      if (options.audioBetween === true) sequence += 1;
      packets.push({
        press,
        ssrc,
        sequence: sequence++ & 0xffff,
        timestamp: (timestamp + event.timestampOffset) >>> 0,
        marker: event.marker,
        clockRate: rate,
        event: options.key,
        end: event.end,
        duration: event.duration,
        at: at + event.atMs,
      });
      last = event.atMs;
    }
    const silence = Math.floor(options.gapMs / 20);
    sequence += silence;
    at += last + options.gapMs;
    timestamp = (timestamp + (options.stepTicks ?? ((last + options.gapMs) * rate) / 1000)) >>> 0;
  }
  return packets;
}

const countNew = (packets: readonly EventPacket[]): number => {
  const receiver = new TelephoneEventReceiver();
  return packets.filter((packet) => receiver.accept(packet) === 'new').length;
};

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
        const arrived = play(presses).filter((_, i) => fate[i % fate.length]?.lost !== true);
        const seen = new Set(arrived.map((packet) => packet.press)).size;
        expect(countNew(arrived)).toBe(seen);
      }),
      { numRuns: 500 },
    );
  });

  test('under duplication and reordering by up to five places', () => {
    fc.assert(
      fc.property(script, fates, (presses, fate) => {
        const packets = play(presses);
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
    const arrived = play(presses).filter(() => random() >= 0.05);
    const seen = new Set(arrived.map((packet) => packet.press)).size;
    expect(countNew(arrived)).toBe(seen);
    expect(seen).toBeGreaterThanOrEqual(9999);
  });
});

describe('a press is one press', () => {
  const one = (changes: Partial<ScriptedPress> = {}): ScriptedPress[] => [{ key: 5, gapMs: 60, ...changes }];

  test('longer than 0xFFFF ticks, as segments without a marker (RFC 4733 §2.5.1.3)', () => {
    expect(countNew(play(one({ durationMs: 20_000, long: 'segment' })))).toBe(1);
    expect(countNew(play(one({ durationMs: 5000, clockRate: 48_000, long: 'segment' })))).toBe(1);
  });

  test('longer than 0xFFFF ticks, with a duration that wraps', () => {
    expect(countNew(play(one({ durationMs: 20_000, long: 'wrap' })))).toBe(1);
  });

  test('with a timestamp of its own for each repeated end (rtpengine #1812, #1929)', () => {
    expect(countNew(play([...one({ restampEnds: true }), ...one({ restampEnds: true })]))).toBe(2);
  });

  test('with a timestamp that moves in every packet (peers #7)', () => {
    const moving = play(one({ durationMs: 200 })).map((packet, i) => ({
      ...packet,
      timestamp: (packet.timestamp + i * 160) >>> 0,
    }));
    expect(countNew(moving)).toBe(1);
  });

  test('whose sender changes its SSRC in the middle', () => {
    const packets = play(one({ durationMs: 300 }));
    const changed = packets.map((packet, i) =>
      i < 6 ? packet : { ...packet, ssrc: 0x9999, timestamp: packet.timestamp + 777, sequence: packet.sequence + 5000 },
    );
    expect(countNew(changed)).toBe(1);
  });

  test('whose clock rate changes in the middle by a re-INVITE', () => {
    const changed = play(one({ durationMs: 300 })).map((packet, i) =>
      i < 6 ? packet : { ...packet, clockRate: 16_000, timestamp: packet.timestamp * 2, duration: packet.duration * 2 },
    );
    expect(countNew(changed)).toBe(1);
  });

  test('with a long pause before its end packet (asterisk-unimrcp #44)', () => {
    const packets = play(one({ durationMs: 60 }));
    const late = packets.map((packet) => (packet.end ? { ...packet, at: packet.at + 1500, duration: 12_480 } : packet));
    expect(countNew(late)).toBe(1);
  });
});

describe('two presses are two presses', () => {
  test('of one key with timestamps only 400 apart, as SIPp sends them, and no marker', () => {
    const twice = Array.from({ length: 4 }, () => ({
      key: 1,
      durationMs: 100,
      gapMs: 60,
      stepTicks: 400,
      marker: false,
    }));
    expect(countNew(play(twice))).toBe(4);
  });

  test('of one key when all end packets of the first were lost', () => {
    const packets = play([
      { key: 1, gapMs: 60 },
      { key: 1, gapMs: 60, marker: false },
    ]);
    expect(countNew(packets.filter(({ press: number, end }) => number === 1 || !end))).toBe(2);
  });

  test('when one recording is played again a second and a half later (SIPp stock pcaps)', () => {
    const packets = play([{ key: 1, gapMs: 60 }]);
    expect(countNew([...packets, ...packets.map((packet) => ({ ...packet, at: packet.at + 1500 }))])).toBe(2);
  });

  test('of different keys with the same timestamp', () => {
    const packets = play([{ key: 1, gapMs: 60 }]);
    expect(countNew([...packets, ...packets.map((packet) => ({ ...packet, event: 2, at: packet.at + 200 }))])).toBe(2);
  });
});

test('A press is new on its first packet, and its late packets are known after the next press', () => {
  const receiver = new TelephoneEventReceiver();
  const [first, ...rest] = play([{ key: 1, gapMs: 60 }]);
  const next = play([
    { key: 1, gapMs: 60 },
    { key: 2, gapMs: 60 },
  ]).filter((packet) => packet.press === 1);
  expect(receiver.accept(first as EventPacket)).toBe('new');
  expect(rest.map((packet) => receiver.accept(packet)).every((verdict) => verdict === 'current')).toBe(true);
  expect(receiver.accept(next[0] as EventPacket)).toBe('new');
  expect(receiver.accept(rest.at(-1) as EventPacket)).toBe('earlier');
});

test('A key is held until its end packet, or until nothing has come for a while', () => {
  const receiver = new TelephoneEventReceiver();
  const packets = play([{ key: 1, gapMs: 60 }]);
  const [first] = packets as [Sent];
  receiver.accept(first);
  expect(receiver.held(first.at + pressTimeoutMs - 1)).toBe(true);
  expect(receiver.held(first.at + pressTimeoutMs)).toBe(false);
  for (const packet of packets) receiver.accept(packet);
  expect(receiver.held(packets.at(-1)?.at ?? 0)).toBe(false);
});

test('Events that are no keys (flash, fax tones) are other events', () => {
  const receiver = new TelephoneEventReceiver();
  expect(receiver.accept({ ...emptyEventPacket(), event: 16, at: 1 })).toBe('other');
  expect(receiver.accept({ ...emptyEventPacket(), event: 32, at: 1 })).toBe('other');
});

test('A payload is read from where it lies, and its event code is overwritten there', () => {
  const bytes = Buffer.from([0, 0, 9, 0x8a, 0x03, 0x20]);
  const packet = emptyEventPacket();
  expect(readEvent(bytes, 2, 6, packet)).toBe(true);
  expect(packet).toMatchObject({ event: 9, end: true, duration: 800 });
  wipeEvent(bytes, 2);
  expect(bytes[2]).toBe(0xff);
  expect(readEvent(bytes, 4, 6, packet)).toBe(false);
});
