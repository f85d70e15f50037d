import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { LegSettings } from '../../../src/cde/media/offer-answer/leg-settings.ts';
import { AttackedCall, allWays } from '../../support/attacked-call.ts';
import { alawOnly, callerAt, legSettings } from '../../support/paper-legs.ts';

/* Whatever a customer's telephone, or whoever forges it, sends while the call is secured: no event reaches the agent. */

const nothing = Buffer.alloc(0);
const ulaw = legSettings(callerAt, 101).codecs[0] as LegSettings['codecs'][number];

beforeEach(() => {
  vi.useFakeTimers({ now: 0 });
  vi.advanceTimersByTime(1000);
});

afterEach(() => {
  vi.useRealTimers();
});

const underSsrc =
  (ssrc: number) =>
  (packet: Buffer): void =>
    void packet.writeUInt32BE(ssrc, 8);
const underType =
  (type: number) =>
  (packet: Buffer): void =>
    void packet.writeUInt8(type, 1);

describe.each(allWays)('%s: no event of a key reaches the agent', (way) => {
  test('that is held over both edges, nor its ends, late and re-stamped', async () => {
    const line = await AttackedCall.open(way);
    const packets = line.call.packetsOf(7, { durationMs: 600, restampEnds: true });
    line.deliver(packets.slice(0, 5));
    const from = line.secure();
    line.deliver(packets.slice(5, 15));
    await line.release(() => line.deliver(packets.slice(15, -2)));
    line.deliver(packets.slice(-2));
    line.deliver(packets.slice(-2));
    line.call.pass(200, false);
    expect(line.keyPackets(7, from)).toBe(0);
  });

  test('that goes on under another SSRC, nor the ends that come by the old one, or a third, after the release', async () => {
    const line = await AttackedCall.open(way);
    const from = line.secure();
    const packets = line.call.packetsOf(3, { durationMs: 400 });
    line.deliver(packets.slice(0, 5));
    line.call.pass(60, false);
    line.deliver(packets.slice(5, -2), underSsrc(0x7777));
    await line.release();
    line.call.pass(200, false);
    line.deliver(packets.slice(-2));
    line.deliver(packets.slice(-2), underSsrc(0x9999), 120);
    expect(line.keyPackets(3, from)).toBe(0);
    expect(line.call.keyed[0]).toBe('3');
  });

  test('whose every packet but the last was lost, and that one comes after the release', async () => {
    const line = await AttackedCall.open(way);
    line.secure();
    line.call.pass(300, false);
    const packets = line.call.packetsOf(6, { durationMs: 200 });
    await line.release();
    const from = performance.now();
    line.deliver([packets.at(-1) ?? nothing], undefined, 100);
    expect(line.keyPackets(6, from)).toBe(0);
  });

  test('when the customer’s payload types change places in it, and stragglers come by the old ones', async () => {
    const line = await AttackedCall.open(way);
    const from = line.secure();
    const packets = line.call.packetsOf(4, { durationMs: 300 });
    line.deliver(packets.slice(0, 4));
    line.configure('caller', 96, { codecs: [{ ...ulaw, receive: 101, send: 101 }] });
    line.deliver(packets.slice(4, 8));
    line.deliver(packets.slice(8), underType(96));
    line.call.pass(60, false);
    for (const type of [101, 0]) line.call.sound(Buffer.from([4, 10, 1, 64]), type);
    await line.release();
    expect(line.keyPackets(4, from)).toBe(0);
    expect(line.call.keyed).toBe('4');
  });

  test('when the agent’s description changes in it: other payload types, another codec, hold, another address', async () => {
    const line = await AttackedCall.open(way);
    const from = line.secure();
    line.call.press(4, { durationMs: 100 }, ({ end }) => !end);
    line.configure('agent', 96);
    line.call.press(5, { durationMs: 100 });
    line.configure('agent', 96, { codecs: alawOnly() });
    line.call.press(6, { durationMs: 100 });
    line.configure('agent', 0, { remote: null, listens: false });
    line.call.press(7, { durationMs: 100 });
    line.configure('agent', 120, { remote: { address: '198.51.100.9', port: 6000, rtcpPort: 6001 } });
    line.call.press(8, { durationMs: 100 });
    expect(line.call.toAgent.filter(({ at, payload }) => at >= from && payload.length < 40)).toEqual([]);
    expect(line.call.leaks).toEqual([]);
    expect(line.call.keyed).toBe('45678');
  });

  test('that comes by RTCP, STUN, ZRTP, DTLS, under a type that was not agreed to, or as no protocol at all', async () => {
    const line = await AttackedCall.open(way);
    const { call } = line;
    const from = line.secure();
    const key = Buffer.from([9, 10, 0, 160]);
    const report = Buffer.concat([Buffer.from([0x80, 204, 0, 4, 0, 0, 0x11, 0x11]), Buffer.from('keys1111'), key]);
    const stun = Buffer.concat([Buffer.from([0, 1, 0, 4, 0x21, 0x12, 0xa4, 0x42]), Buffer.alloc(12), key]);
    const zrtp = Buffer.concat([Buffer.from([0x10, 0, 0, 1]), Buffer.from('ZRTP'), Buffer.alloc(4), key]);
    const dtls = Buffer.concat([Buffer.from([22, 254, 253]), Buffer.alloc(10), key]);
    for (const bytes of [report, stun, zrtp, dtls]) call.deliver(bytes);
    for (let first = 0; first < 256; first += 1) {
      call.deliver(Buffer.concat([Buffer.from([first, first & 0x7f]), Buffer.alloc(10), key]));
    }
    for (let type = 1; type < 128; type += 1) if (type !== 101) call.sound(key, type);
    line.configure('caller', 101, { mux: true });
    call.deliver(Buffer.from(report));
    const control = call.io.sockets.get(20_001)?.receiver;
    control?.arrived(Buffer.from(report), report.length, performance.now(), callerAt.address, 4001);
    call.pass(100, false);
    expect(line.keyPackets(9, from)).toBe(0);
    expect(call.io.sockets.get(20_003)?.sent.filter((bytes) => bytes.includes(key))).toEqual([]);
  });

  test('in redundant payloads (RFC 2198), alone, beside sound, and in one another', async () => {
    const line = await AttackedCall.open(way);
    line.configure('caller', 101, { redundant: [{ receive: 121, clockRate: 8000 }] });
    const from = line.secure();
    const event = Buffer.from([5, 10, 0, 160]);
    const head = Buffer.alloc(4);
    head.writeUInt32BE((((0x80 | 101) << 24) | (1600 << 10) | 4) >>> 0);
    const nested = Buffer.concat([head, Buffer.from([101]), event, event]);
    for (const [type, body] of [
      [101, event],
      [0, Buffer.alloc(160, 0xff)],
      [121, event],
      [121, nested],
    ] as const) {
      line.call.pass(20, false);
      line.call.sound(Buffer.concat([head, Buffer.from([type]), event, body]), 121);
      line.call.sound(Buffer.concat([Buffer.from([type]), body]), 121);
    }
    line.call.pass(100, false);
    expect(line.keyPackets(5, from)).toBe(0);
  });
});

test.each(allWays.filter((way) => way !== 'dropOpen'))(
  '%s: what is too short for sound, or comfort noise, does not pass; the agent has silence in its place',
  async (way) => {
    const line = await AttackedCall.open(way);
    const noise = { ...ulaw, name: 'CN/8000/1', receive: 13, send: 13, silence: null };
    line.configure('caller', 101, { codecs: [ulaw, noise] });
    line.configure('agent', 120, { codecs: [ulaw, noise] });
    const from = line.secure();
    for (const type of [0, 13]) {
      for (const bytes of [[7], [7, 10, 0, 160], [7, 10, 0, 160, 0xff, 0xff]]) {
        line.call.pass(20, false);
        line.call.sound(Buffer.from(bytes), type);
      }
    }
    line.call.pass(100, false);
    const stream = line.call.toAgent.filter(({ at }) => at >= from);
    expect(stream.filter(({ payload }) => payload.includes(7))).toEqual([]);
    const gaps = stream.slice(1).map(({ at }, i) => at - (stream[i]?.at ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(40);
  },
);

test('A press that begins after the release is the agent’s to hear, from its first packet on', async () => {
  const line = await AttackedCall.open('mute');
  line.secure();
  await line.release();
  line.call.press(4, { durationMs: 100 });
  expect(line.call.agentEvents).toHaveLength(7);
});
