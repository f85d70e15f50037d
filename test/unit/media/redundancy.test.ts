import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { RedundantPayload } from '../../../src/cde/dtmf/redundant-payload.ts';
import { PaperCall } from '../../support/paper-call.ts';
import { callerAt, legSettings } from '../../support/paper-legs.ts';
import { rtp } from '../../support/rtp-phone.ts';

const red = 121;
const event = (key: number, duration: number, end: boolean): Buffer =>
  Buffer.from([key, end ? 0x8a : 0x0a, duration >> 8, duration & 0xff]);

/** RFC 2198 §3: earlier events, each with how many ticks ago it began, then the block of the packet itself. */
function wrapped(earlier: readonly (readonly [Buffer, number])[], own: Buffer, type = 101): Buffer {
  const heads = earlier.map(([block, ago]) => {
    const head = Buffer.alloc(4);
    head.writeUInt32BE((((0x80 | 101) << 24) | (ago << 10) | block.length) >>> 0);
    return head;
  });
  return Buffer.concat([...heads, Buffer.from([type]), ...earlier.map(([block]) => block), own]);
}

let call: PaperCall;
let sequence: number;

beforeEach(async () => {
  vi.useFakeTimers({ now: 0 });
  vi.advanceTimersByTime(1000);
  sequence = 200;
  call = await PaperCall.open();
  const redundant = [{ receive: red, clockRate: 8000 }];
  call.relay.configure('caller', legSettings(callerAt, 101, { redundant }), performance.now());
  call.pass(100);
});

afterEach(() => {
  vi.useRealTimers();
});

function send(payload: Buffer, timestamp: number): Buffer {
  const packet = rtp(red, false, sequence++, timestamp, call.callerSsrc, payload);
  call.deliver(packet);
  return packet;
}
const keys = (): number[] => call.presses.map(({ key }) => key);

test('sound that comes wrapped (RFC 2198) is unwrapped packet by packet', () => {
  for (let n = 0; n < 5; n += 1) {
    call.pass(20, false);
    send(wrapped([], Buffer.alloc(160, 0x40 + n), 0), 5000 + 160 * n);
  }
  const sound = call.toAgent.slice(-5);
  expect(sound.map(({ payloadType, payload }) => [payloadType, payload.length, payload[0]])).toEqual(
    [0x40, 0x41, 0x42, 0x43, 0x44].map((first) => [0, 160, first]),
  );
});

describe('telephone-events with redundancy (RFC 2198)', () => {
  test('a press of which every packet was lost is told by what the next one repeats, in order', () => {
    call.secure();
    call.pass(500);
    const earlier = [
      [event(4, 800, true), 3200],
      [event(1, 800, true), 1600],
    ] as const;
    send(wrapped(earlier, event(7, 160, false)), 13_200);
    expect(keys()).toEqual([4, 1, 7]);
  });

  test('a press that began before the lock is no key of the field, though it is told of under it', () => {
    call.secure();
    call.pass(100);
    send(wrapped([[event(1, 480, true), 1600]], event(7, 160, false)), 13_200);
    expect(keys()).toEqual([7]);
  });

  test('what is repeated of presses that were heard is no press', () => {
    call.secure();
    send(wrapped([], event(4, 160, false)), 10_000);
    send(wrapped([], event(4, 800, true)), 10_000);
    for (let n = 1; n <= 5; n += 1) send(wrapped([[event(4, 800, true), 1600]], event(1, 160 * n, n === 5)), 11_600);
    expect(keys()).toEqual([4, 1]);
  });

  test('in the open the agent gets the event itself, without what it repeats', () => {
    send(wrapped([[event(4, 800, true), 1600]], event(1, 160, false)), 20_000);
    expect(call.agentEvents).toHaveLength(1);
    expect([...(call.agentEvents[0]?.payload ?? [])]).toEqual([...event(1, 160, false)]);
    expect(call.agentEvents[0]?.payloadType).toBe(120);
  });

  test('under the lock nothing of it reaches the agent, and its memory is overwritten', () => {
    call.secure();
    const packet = send(wrapped([[event(4, 800, true), 1600]], event(1, 160, false)), 20_000);
    expect(call.agentEvents).toHaveLength(0);
    expect([packet[17], packet[21]]).toEqual([0xff, 0xff]);
  });

  test('sound that comes in such a packet is sound', () => {
    const before = call.toAgent.length;
    send(wrapped([], Buffer.alloc(160, 0x22), 0), 30_000);
    expect(call.toAgent).toHaveLength(before + 1);
    expect(call.toAgent.at(-1)?.payload).toHaveLength(160);
  });

  test('one that was not agreed to is refused', () => {
    call.relay.configure('caller', legSettings(callerAt, 101), performance.now());
    send(wrapped([], event(4, 800, true)), 10_000);
    expect(keys()).toEqual([]);
    expect(call.close().caller.refused).toBe(1);
  });

  test('any bytes whatever are read or not, and never beyond their end', () => {
    const payload = new RedundantPayload();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const packet = Buffer.from(bytes);
        send(packet, 40_000);
        if (!payload.read(packet, 0, packet.length)) return;
        expect(payload.start).toBeLessThan(packet.length);
        for (let n = 0; n < payload.count; n += 1) expect(payload.ends[n]).toBeLessThanOrEqual(payload.start);
      }),
    );
  });
});
