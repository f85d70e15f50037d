import { describe, expect, test } from 'vitest';
import { type EventPacket, emptyEventPacket, readEvent, wipeEvent } from '../../../src/cde/dtmf/telephone-event.ts';
import { pressTimeoutMs, TelephoneEventReceiver } from '../../../src/cde/dtmf/telephone-event-receiver.ts';
import { countNew, playPresses, type ScriptedPress, type SentPacket } from '../../support/scripted-presses.ts';

describe('a press is one press', () => {
  const one = (changes: Partial<ScriptedPress> = {}): ScriptedPress[] => [{ key: 5, gapMs: 60, ...changes }];

  test('longer than 0xFFFF ticks, as segments without a marker (RFC 4733 §2.5.1.3)', () => {
    expect(countNew(playPresses(one({ durationMs: 20_000, long: 'segment' })))).toBe(1);
    expect(countNew(playPresses(one({ durationMs: 5000, clockRate: 48_000, long: 'segment' })))).toBe(1);
  });

  test('longer than 0xFFFF ticks, with a duration that wraps', () => {
    expect(countNew(playPresses(one({ durationMs: 20_000, long: 'wrap' })))).toBe(1);
  });

  test('with a timestamp of its own for each repeated end (rtpengine #1812, #1929)', () => {
    expect(countNew(playPresses([...one({ restampEnds: true }), ...one({ restampEnds: true })]))).toBe(2);
  });

  test('with a timestamp that moves in every packet (peers #7)', () => {
    const moving = playPresses(one({ durationMs: 200 })).map((packet, i) => ({
      ...packet,
      timestamp: (packet.timestamp + i * 160) >>> 0,
    }));
    expect(countNew(moving)).toBe(1);
  });

  test('whose sender changes its SSRC in the middle', () => {
    const packets = playPresses(one({ durationMs: 300 }));
    const changed = packets.map((packet, i) =>
      i < 6 ? packet : { ...packet, ssrc: 0x9999, timestamp: packet.timestamp + 777, sequence: packet.sequence + 5000 },
    );
    expect(countNew(changed)).toBe(1);
  });

  test('whose clock rate changes in the middle by a re-INVITE', () => {
    const changed = playPresses(one({ durationMs: 300 })).map((packet, i) =>
      i < 6 ? packet : { ...packet, clockRate: 16_000, timestamp: packet.timestamp * 2, duration: packet.duration * 2 },
    );
    expect(countNew(changed)).toBe(1);
  });

  test('with a long pause before its end packet (asterisk-unimrcp #44)', () => {
    const packets = playPresses(one({ durationMs: 60 }));
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
    expect(countNew(playPresses(twice))).toBe(4);
  });

  test('of one key when all end packets of the first were lost', () => {
    const packets = playPresses([
      { key: 1, gapMs: 60 },
      { key: 1, gapMs: 60, marker: false },
    ]);
    expect(countNew(packets.filter(({ press: number, end }) => number === 1 || !end))).toBe(2);
  });

  test('when one recording is played again a second and a half later (SIPp stock pcaps)', () => {
    const packets = playPresses([{ key: 1, gapMs: 60 }]);
    expect(countNew([...packets, ...packets.map((packet) => ({ ...packet, at: packet.at + 1500 }))])).toBe(2);
  });

  test('of different keys with the same timestamp', () => {
    const packets = playPresses([{ key: 1, gapMs: 60 }]);
    expect(countNew([...packets, ...packets.map((packet) => ({ ...packet, event: 2, at: packet.at + 200 }))])).toBe(2);
  });
});

test('A press is new on its first packet, and its late packets are known after the next press', () => {
  const receiver = new TelephoneEventReceiver();
  const [first, ...rest] = playPresses([{ key: 1, gapMs: 60 }]);
  const next = playPresses([
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
  const packets = playPresses([{ key: 1, gapMs: 60 }]);
  const [first] = packets as [SentPacket];
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
