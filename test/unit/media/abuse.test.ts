import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ssrcSilenceMs } from '../../../src/cde/media/embedded/incoming-stream.ts';
import { learnElsewhereMs } from '../../../src/cde/media/embedded/source-guard.ts';
import { PaperCall } from '../../support/paper-call.ts';
import { agentAt, alawOnly, callerAt, legSettings } from '../../support/paper-legs.ts';
import { rtp } from '../../support/rtp-phone.ts';

let call: PaperCall;
const stranger = { address: '203.0.113.66', port: 4000 };
const event = (ssrc: number, sequence = 1): Buffer => rtp(101, true, sequence, 77, ssrc, Buffer.from([9, 10, 0, 160]));
const sound = (ssrc: number, sequence = 1, type = 0): Buffer =>
  rtp(type, false, sequence, 77, ssrc, Buffer.alloc(160, 1));
const refused = (): number => call.close().caller.refused;

beforeEach(async () => {
  vi.useFakeTimers({ now: 0 });
  vi.advanceTimersByTime(1000);
  call = await PaperCall.open();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('with the strict source policy', () => {
  test.each([
    ['another address', stranger],
    ['another port of the same address', { ...callerAt, port: 4002 }],
  ])('nothing from %s is relayed or counted as a key, before the first packet or after', (_, from) => {
    for (let i = 0; i < 3; i += 1) {
      call.deliver(event(0xbad, i), from);
      call.deliver(sound(0xbad, i), from);
      call.pass(1000);
    }
    expect(call.presses).toHaveLength(0);
    expect(call.toAgent.some(({ payload }) => payload[0] === 1)).toBe(false);
    expect(call.io.sockets.get(20_000)?.remote).toMatchObject(callerAt);
    expect(refused()).toBe(6);
  });

  test('the network is asked to keep others out', () => {
    expect(call.io.sockets.get(20_000)?.filtered).toBe(true);
  });

  test('a new address in a new description is where packets come from and go to', () => {
    const moved = { ...callerAt, port: 4100 };
    call.relay.configure('caller', legSettings(moved, 101), performance.now());
    call.deliver(sound(1), callerAt);
    call.deliver(sound(2), moved);
    expect(call.toAgent).toHaveLength(1);
    expect(call.io.sockets.get(20_000)?.remote).toMatchObject(moved);
  });
});

describe('with learnOnce', () => {
  beforeEach(async () => {
    call = await PaperCall.open({ sourcePolicy: 'learnOnce' });
  });

  test('the first valid packet from the described host settles the source, and no later one moves it', () => {
    const behindNat = { ...callerAt, port: 61_000 };
    call.deliver(sound(1), behindNat);
    expect(call.io.sockets.get(20_000)).toMatchObject({ remote: behindNat, filtered: true });
    call.deliver(event(1, 2), callerAt);
    call.deliver(event(1, 2), stranger);
    expect(call.presses).toHaveLength(0);
  });

  test('another host is believed only after a wait, and never once the described one has spoken', () => {
    call.deliver(event(0xbad), stranger);
    expect(call.presses).toHaveLength(0);
    call.pass(learnElsewhereMs, false);
    call.deliver(sound(5), stranger);
    expect(call.io.sockets.get(20_000)?.remote).toMatchObject(stranger);
    call.deliver(sound(5, 2), callerAt);
    expect(call.toAgent).toHaveLength(1);
  });

  test('bytes that are no packet of the call settle nothing', () => {
    const near = { ...callerAt, port: 61_000 };
    call.deliver(Buffer.from('not RTP at all'), near);
    call.deliver(sound(1, 1, 77), near);
    expect(call.io.sockets.get(20_000)?.remote).toMatchObject(callerAt);
  });
});

describe('from the right source', () => {
  test('another SSRC is refused as long as the true stream goes on', () => {
    for (let i = 0; i < 50; i += 1) {
      call.pass(20);
      call.deliver(event(0xbad, i));
    }
    expect(call.presses).toHaveLength(0);
    expect(refused()).toBe(50);
  });

  test('another SSRC is taken up once the old one is silent, as one unbroken stream to the agent', () => {
    call.pass(100);
    call.pass(ssrcSilenceMs, false);
    for (let i = 0; i < 5; i += 1) {
      call.deliver(sound(0x5555, 40_000 + i));
      call.pass(20, false);
    }
    const sequences = call.toAgent.map(({ sequence }) => sequence);
    expect(sequences).toHaveLength(10);
    expect(sequences.slice(1).every((sequence, i) => sequence === (((sequences[i] ?? 0) + 1) & 0xffff))).toBe(true);
    expect(new Set(call.toAgent.map(({ ssrc }) => ssrc)).size).toBe(1);
  });

  test('a sequence number out of all proportion is a stray; two in a row are a new beginning', () => {
    call.pass(100);
    call.deliver(sound(call.callerSsrc, 30_000));
    expect(call.toAgent).toHaveLength(5);
    call.deliver(sound(call.callerSsrc, 40_000));
    call.deliver(sound(call.callerSsrc, 40_001));
    expect(call.toAgent).toHaveLength(6);
  });

  test.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['a header alone', sound(1).subarray(0, 12)],
    ['another version', Buffer.concat([Buffer.from([0x40]), sound(1).subarray(1)])],
    ['more sources than bytes', Buffer.concat([Buffer.from([0x8f]), sound(1).subarray(1, 40)])],
    [
      'an extension longer than the packet',
      Buffer.concat([Buffer.from([0x90]), sound(1).subarray(1, 12), Buffer.from([0, 0, 0xff, 0xff])]),
    ],
    [
      'padding longer than the packet',
      Buffer.concat([Buffer.from([0xa0]), sound(1).subarray(1, 30), Buffer.from([200])]),
    ],
    ['a payload type that was not agreed', sound(1, 1, 35)],
    ['a jumbo packet', rtp(0, false, 1, 1, 1, Buffer.alloc(4000))],
  ])('%s is refused and counted', (_, packet) => {
    call.deliver(packet);
    expect(call.toAgent).toHaveLength(0);
    expect(refused()).toBe(1);
  });

  test('an event of fewer than four bytes is no key', () => {
    call.deliver(rtp(101, true, 1, 1, 1, Buffer.from([9, 10])));
    expect(call.presses).toHaveLength(0);
    expect(call.toAgent).toHaveLength(0);
  });

  test('extension, sources and padding stay with us: the agent gets the bare payload', () => {
    const extended = Buffer.concat([
      Buffer.from([0xb1]),
      sound(1).subarray(1, 12),
      Buffer.from([1, 2, 3, 4, 0xbe, 0xde, 0, 1, 9, 9, 9, 9]),
      Buffer.alloc(160, 5),
      Buffer.from([0, 2]),
    ]);
    call.deliver(extended);
    expect(call.toAgent[0]?.payload).toEqual(Buffer.alloc(160, 5));
  });

  test('any bytes whatever are refused or relayed, never thrown on', () => {
    let seed = 1;
    const random = (below: number): number => {
      seed = (Math.imul(seed, 1_103_515_245) + 12_345) & 0x7fff_ffff;
      return seed % below;
    };
    for (let i = 0; i < 5000; i += 1) {
      const bytes = Buffer.from(Array.from({ length: random(64) }, () => random(256)));
      if (bytes.length > 1) bytes[0] = 0x80 | (random(64) & 0x3f);
      call.deliver(bytes);
      call.io.deliver(20_001, bytes, { address: callerAt.address, port: callerAt.port + 1 });
    }
    expect(call.close().caller.received).toBeLessThan(5000);
  });
});

test('The agent’s keys are never reported', () => {
  call.agentSays(Buffer.from([9, 10, 0, 160]), 120);
  expect(call.presses).toHaveLength(0);
  expect(call.toCaller).toHaveLength(1);
  expect(call.toCaller[0]?.payloadType).toBe(101);
});

test('A caller of µ-law and an agent of A-law hear each other', () => {
  call.relay.configure('agent', legSettings(agentAt, 120, { codecs: alawOnly() }), performance.now());
  call.deliver(rtp(0, false, 1, 1, 1, Buffer.from([0xff, 0x80, 0x00])));
  expect(call.toAgent[0]).toMatchObject({ payloadType: 8 });
  // ITU-T G.711 table 4: µ-law 0xff, 0x80 and 0x00 are A-law 0xd5, 0xaa and 0x2a.
  expect([...(call.toAgent[0]?.payload ?? [])]).toEqual([0xd5, 0xaa, 0x2a]);
  call.secure();
  call.pass(50);
  expect(call.toAgent.at(-1)?.payload.every((byte) => byte === 0xd5)).toBe(true);
});
