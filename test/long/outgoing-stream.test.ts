import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import { Flow } from '../../src/cde/media/embedded/flow.ts';
import { OutgoingStream, type SendingCodec } from '../../src/cde/media/embedded/outgoing-stream.ts';
import type { RelayedPacket } from '../../src/cde/media/embedded/relayed-packet.ts';
import { parseRtp } from '../support/rtp-capture.ts';

const pcmu: SendingCodec = { payloadType: 0, clockRate: 8000, channels: 1, silence: 'PCMU' };
const opus: SendingCodec = { payloadType: 111, clockRate: 48_000, channels: 2, silence: 'OPUS' };

interface Sent {
  readonly at: number;
  readonly sequence: number;
  readonly timestamp: number;
  readonly payloadType: number;
  readonly silent: boolean;
}

let now: number;
let sent: Sent[];
let stream: OutgoingStream;

beforeEach(() => {
  now = 1000;
  sent = [];
  stream = new OutgoingStream(new Flow());
  stream.connect({
    send: (packet, start, end) => {
      const parsed = parseRtp(Buffer.from(packet.subarray(start, end)), '', now);
      if (parsed === undefined) throw new Error('no RTP');
      const { sequence, timestamp, payloadType, payload } = parsed;
      sent.push({ at: now, sequence, timestamp, payloadType, silent: payload[0] === 0xff || payload[0] === 0xf8 });
    },
  });
  stream.configure([pcmu], 20, true);
});

const packet = (sequence: number, timestamp: number, changes: Partial<RelayedPacket> = {}): RelayedPacket => ({
  packet: Buffer.alloc(172, 0x11),
  start: 12,
  end: 172,
  sequence: sequence & 0xffff,
  timestamp: timestamp >>> 0,
  marker: false,
  payloadType: 0,
  clockRate: 8000,
  eventTicks: -1,
  epoch: 1,
  ...changes,
});

/** Lets the silence clock run, as the metronome does: never early, up to `lateMs` late. */
function runUntil(end: number, lateMs = 0): void {
  for (let due = stream.tick(now); due <= end; due = stream.tick(now)) now = Math.max(now, due + lateMs);
  now = Math.max(now, end);
}

/** Relays `count` packets of a source, 20 ms apart, from `now` on. */
function relay(count: number, sequence: number, timestamp: number): void {
  for (let i = 0; i < count; i += 1) {
    stream.relay(packet(sequence + i, timestamp + i * 160), now, -1);
    runUntil(now + 20);
  }
}

const gaps = (): number[] => sent.slice(1).map(({ at }, i) => at - (sent[i]?.at ?? 0));
const steps = (): number[] => sent.slice(1).map(({ sequence }, i) => (sequence - (sent[i]?.sequence ?? 0)) & 0xffff);
const ticks = (): number[] => sent.slice(1).map(({ timestamp }, i) => (timestamp - (sent[i]?.timestamp ?? 0)) | 0);

describe('relaying', () => {
  test('keeps the distances of the source, loss and order included', () => {
    for (const offset of [0, 1, 3, 2, 6]) stream.relay(packet(65_534 + offset, 4_294_967_200 + offset * 160), now, -1);
    expect(sent.map(({ sequence }) => (sequence - (sent[0]?.sequence ?? 0)) & 0xffff)).toEqual([0, 1, 3, 2, 6]);
    expect(sent.map(({ timestamp }) => ((timestamp - (sent[0]?.timestamp ?? 0)) | 0) / 160)).toEqual([0, 1, 3, 2, 6]);
  });

  test('closes the numbers over what is left out, and has no place for a packet from before that', () => {
    stream.relay(packet(1, 160), now, -1);
    stream.skip(3, 1);
    expect(stream.relay(packet(2, 320), now, -1)).toBe(false);
    stream.relay(packet(4, 640), now, -1);
    expect(steps()).toEqual([2]);
  });

  test('goes on without a jump when the source begins anew', () => {
    relay(5, 100, 5000);
    for (let i = 0; i < 5; i += 1) {
      stream.relay(packet(40_000 + i, 900_000 + i * 160, { epoch: 2 }), now, -1);
      now += 20;
    }
    expect(new Set(steps())).toEqual(new Set([1]));
    expect(new Set(ticks())).toEqual(new Set([160]));
  });

  test('takes a leap of the audio clock of more than two seconds for a new beginning', () => {
    relay(3, 1, 160);
    stream.relay(packet(4, 900_000_000), now, -1);
    expect(ticks().at(-1)).toBe(160);
  });

  test('keeps one timestamp for all packets of an event', () => {
    relay(2, 1, 160);
    const event = (i: number) => packet(3 + i, 480, { payloadType: 101, eventTicks: 160 * (i + 1) });
    for (let i = 0; i < 4; i += 1) stream.relay(event(i), now + 20 * i, -1);
    expect(ticks().slice(-3)).toEqual([0, 0, 0]);
    now += 80;
    stream.relay(packet(7, 480 + 640), now, -1);
    expect(ticks().at(-1)).toBe(640);
  });

  test('to a leg on hold sends nothing, and goes on in its own numbers later', () => {
    relay(2, 1, 160);
    stream.configure([pcmu], 20, false);
    relay(50, 3, 480);
    stream.configure([pcmu], 20, true);
    relay(2, 53, 8480);
    expect(sent).toHaveLength(4);
    expect(steps()).toEqual([1, 1, 1]);
    expect(ticks()).toEqual([160, 160 * 51, 160]);
  });
});

describe('silence', () => {
  test('comes at the pace of the leg, without drift, though its timer is always late', () => {
    relay(3, 1, 160);
    const from = now;
    stream.silence(now);
    runUntil(now + 10_000, 3);
    const silent = sent.filter(({ silent: is }) => is);
    expect(silent.length).toBeGreaterThanOrEqual(499);
    expect(silent.length).toBeLessThanOrEqual(501);
    expect(new Set(ticks().slice(2))).toEqual(new Set([160]));
    expect((silent.at(-1)?.at ?? 0) - from).toBeGreaterThan(9970);
  });

  test('of a process that was held up is not sent in a burst, and its timestamps stay true', () => {
    stream.silence(now);
    runUntil(now + 100);
    const before = sent.length;
    now += 1000;
    runUntil(now + 100);
    expect(sent.length - before).toBeLessThanOrEqual(9);
    const told = ((sent.at(-1)?.timestamp ?? 0) - (sent[0]?.timestamp ?? 0)) / 8;
    expect(Math.abs(told - ((sent.at(-1)?.at ?? 0) - (sent[0]?.at ?? 0)))).toBeLessThanOrEqual(20);
    expect(new Set(steps())).toEqual(new Set([1]));
  });

  test('is in the codec that the leg heard last', () => {
    stream.configure([opus, pcmu], 20, true);
    relay(3, 1, 160);
    stream.silence(now);
    runUntil(now + 100);
    expect(new Set(sent.map(({ payloadType }) => payloadType))).toEqual(new Set([0]));
  });

  test('is in the first codec agreed on where nothing was heard yet, at that codec’s clock', () => {
    stream.configure([opus, pcmu], 60, true);
    stream.silence(now);
    runUntil(now + 100);
    expect(sent.every(({ payloadType }) => payloadType === 111)).toBe(true);
    expect(new Set(ticks())).toEqual(new Set([960]));
  });

  test('waits for a leg that is not described yet, and begins when it is', () => {
    const fresh = new OutgoingStream(new Flow());
    fresh.connect({ send: () => sent.push({ at: now, sequence: 0, timestamp: 0, payloadType: 0, silent: true }) });
    fresh.silence(now);
    for (let i = 0; i < 10; i += 1) now = fresh.tick(now);
    expect(sent).toHaveLength(0);
    fresh.configure([pcmu], 20, true);
    for (let i = 0; i < 5; i += 1) now = fresh.tick(now);
    expect(sent.length).toBeGreaterThanOrEqual(4);
  });

  test('after a release ends by itself when nothing comes to relay', () => {
    stream.silence(now);
    runUntil(now + 100);
    stream.resume(now);
    runUntil(now + 3000);
    expect((sent.at(-1)?.at ?? 0) - 1100).toBeLessThanOrEqual(1000);
    expect(stream.relaying).toBe(true);
  });
});

const lockRounds = fc.array(
  fc.record({
    relayed: fc.integer({ min: 2, max: 20 }),
    wait: fc.integer({ min: 0, max: 19 }),
    silent: fc.integer({ min: 0, max: 300 }),
  }),
  { minLength: 1, maxLength: 8 },
);

test('Securing and releasing, at any moment and any number of times, leaves no gap over 40 ms and no jump', () => {
  fc.assert(
    fc.property(lockRounds, fc.integer({ min: 0, max: 3 }), (rounds, lateMs) => {
      now = 1000;
      sent = [];
      stream = new OutgoingStream(new Flow());
      stream.connect({
        send: (bytes, start, end) => {
          const parsed = parseRtp(Buffer.from(bytes.subarray(start, end)), '', now);
          if (parsed === undefined) return;
          const { sequence, timestamp } = parsed;
          sent.push({ at: now, sequence, timestamp, payloadType: 0, silent: false });
        },
      });
      stream.configure([pcmu], 20, true);
      // The source sends every 20 ms all the time; what comes while the lock is on is not relayed.
      let sequence = 0;
      let nextSource = now;
      let secured = false;
      const run = (until: number): void => {
        for (;;) {
          const due = stream.tick(now);
          const next = Math.min(due + (due === Number.POSITIVE_INFINITY ? 0 : lateMs), nextSource);
          if (next > until) break;
          now = Math.max(now, next);
          if (next !== nextSource) continue;
          if (!secured) stream.relay(packet(sequence, sequence * 160), now, -1);
          sequence += 1;
          nextSource += 20;
        }
        now = until;
      };
      for (const { relayed, wait, silent } of rounds) {
        run(now + relayed * 20 + wait);
        secured = true;
        stream.silence(now);
        run(now + silent);
        secured = false;
        stream.resume(now);
      }
      run(now + 200);
      expect(Math.max(...gaps())).toBeLessThanOrEqual(40);
      expect(new Set(steps())).toEqual(new Set([1]));
      expect(Math.min(...ticks())).toBeGreaterThanOrEqual(160);
      const told = ((sent.at(-1)?.timestamp ?? 0) - (sent[0]?.timestamp ?? 0)) >>> 0;
      const took = (sent.at(-1)?.at ?? 0) - (sent[0]?.at ?? 0);
      expect(Math.abs(told / 8 - took)).toBeLessThanOrEqual(45);
    }),
    { numRuns: 500 },
  );
});
