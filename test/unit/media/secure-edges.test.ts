import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { releaseLimitMs } from '../../../src/cde/media/embedded/suppression.ts';
import { PaperCall } from '../../support/paper-call.ts';

let call: PaperCall;

beforeEach(async () => {
  vi.useFakeTimers({ now: 0 });
  vi.advanceTimersByTime(1000);
  call = await PaperCall.open();
  call.pass(200);
});

afterEach(() => {
  vi.useRealTimers();
});

const keys = (): (readonly [number, number])[] => call.presses.map(({ key, generation }) => [key, generation] as const);

/** Whether the promise has been settled by what has happened so far. */
async function settled(promise: Promise<unknown>): Promise<boolean> {
  const open = Symbol('open');
  return (await Promise.race([promise, Promise.resolve(open)])) !== open;
}

/** Releases, and waits until the customer is heard again. */
async function opened(): Promise<void> {
  await call.release();
  call.pass(120);
}

describe('a key that is down when the lock comes', () => {
  test('stops reaching the agent with the lock, is no key of the field, and never comes back', async () => {
    const packets = call.packetsOf(7, { durationMs: 200 });
    const repeatedEnd = Buffer.from(packets.at(-1) ?? []);
    for (const packet of packets.slice(0, 4)) call.deliver(packet);
    expect(call.agentEvents).toHaveLength(4);
    call.secure();
    for (const packet of packets.slice(4)) call.deliver(packet);
    call.pass(300);
    await opened();
    call.deliver(repeatedEnd);
    call.pass(100);
    expect(call.agentEvents).toHaveLength(4);
    expect(keys()).toEqual([[7, 0]]);
  });

  test('is no key of the field even if its first packets were lost', () => {
    const packets = call.packetsOf(7, { durationMs: 300 });
    call.pass(250, false);
    call.secure();
    call.deliver(packets[12] ?? Buffer.alloc(0));
    expect(call.presses).toEqual([]);
  });
});

describe('a key that is down when the lock goes', () => {
  test('holds the release until its sound has ended', async () => {
    call.secure();
    call.press(3, { durationMs: 100 }, ({ end }) => !end);
    const released = call.release();
    call.pass(60, false);
    expect(await settled(released)).toBe(false);
    const [, , , , , end] = call.packetsOf(3, { durationMs: 100 });
    expect(end).toBeDefined();
    call.pass(250, false);
    expect(await settled(released)).toBe(true);
    expect(call.agentEvents).toHaveLength(0);
  });

  test('is never heard by its repeated end packets, late and re-stamped ones too', async () => {
    call.secure();
    const packets = call.packetsOf(3, { durationMs: 100, restampEnds: true });
    for (const packet of packets.slice(0, -2)) call.deliver(packet);
    call.pass(60);
    await opened();
    for (const packet of packets.slice(-2)) call.deliver(packet);
    expect(call.agentEvents).toHaveLength(0);
    call.pass(100);
    call.press(4, { durationMs: 60 });
    expect(call.agentEvents.length).toBeGreaterThan(0);
    expect(call.agentEvents.every(({ payload }) => payload[0] === 4)).toBe(true);
  });

  test('is never heard by late packets after further keys in the open', async () => {
    call.secure();
    const late = call.packetsOf(3, { durationMs: 60 });
    for (const packet of late.slice(0, -1)) call.deliver(packet);
    call.pass(60);
    await opened();
    for (const key of [4, 5]) {
      call.press(key, { durationMs: 60 });
      call.pass(60);
    }
    const before = call.agentEvents.length;
    call.deliver(late.at(-1) ?? Buffer.alloc(0));
    expect(call.agentEvents).toHaveLength(before);
  });

  test('for too long is released at the limit, but stays suppressed, and all audio with it, until it is up', async () => {
    call.secure();
    const packets = call.packetsOf(3, { durationMs: releaseLimitMs + 1000 });
    call.deliver(packets[0] ?? Buffer.alloc(0));
    const released = call.release();
    for (const packet of packets.slice(1, -3)) {
      call.deliver(packet);
      call.sound();
      call.pass(20, false);
    }
    expect(await settled(released)).toBe(true);
    expect(call.sounding(0).every(({ at }) => at < 1200)).toBe(true);
    for (const packet of packets.slice(-3)) call.deliver(packet);
    const up = performance.now();
    call.pass(100);
    expect(call.sounding(up).length).toBeGreaterThan(2);
    expect(call.agentEvents).toHaveLength(0);
  });

  test('whose end packets are all lost is taken to be up after a while', async () => {
    call.secure();
    call.press(3, { durationMs: 100 }, ({ end }) => !end);
    const released = call.release();
    call.pass(300);
    expect(await settled(released)).toBe(true);
  });
});

describe('between lock and release', () => {
  test('each press carries the number of the lock under which it began', () => {
    call.press(1, { durationMs: 60 });
    call.pass(60);
    call.secure(9);
    call.press(2, { durationMs: 60 });
    expect(keys()).toEqual([
      [1, 0],
      [2, 9],
    ]);
  });

  test('the agent gets silence at a steady pace, whether the customer sends or not', async () => {
    call.secure();
    const from = performance.now();
    call.pass(500);
    call.pass(500, false);
    const interval = await call.release();
    const silent = call.toAgent.filter(({ at }) => at > from);
    expect(silent.slice(1).every(({ at }, i) => Math.abs(at - (silent[i]?.at ?? 0) - 20) <= 1)).toBe(true);
    expect(silent).toHaveLength(51);
    expect(call.sounding(from)).toHaveLength(0);
    expect(interval).toMatchObject({ ms: 1000, audioSuppressed: 25, eventsSuppressed: 0, silenceSent: 51 });
  });

  test('the customer gets silence too, and no key of the agent either way', () => {
    call.agentSays();
    expect(call.toCaller).toHaveLength(1);
    call.secure();
    const from = performance.now();
    for (let i = 0; i < 10; i += 1) {
      call.agentSays();
      call.agentSays(Buffer.from([5, 10, 0, 160]), 120);
      call.pass(20, false);
    }
    expect(call.toCaller.filter(({ at, payload }) => at > from && payload.some((byte) => byte !== 0xff))).toHaveLength(
      0,
    );
    expect(call.toCaller.length).toBeGreaterThan(8);
    expect(call.presses).toHaveLength(0);
  });

  test('a lock that comes while a release waits is in force, and the release is answered', async () => {
    call.secure(1);
    call.press(3, { durationMs: 100 }, ({ end }) => !end);
    const released = call.release();
    call.secure(2);
    const from = performance.now();
    expect(await settled(released)).toBe(true);
    call.pass(1000);
    expect(call.sounding(from)).toHaveLength(0);
  });

  test('the customer is not heard before the release was told, nor much later', async () => {
    call.secure();
    call.pass(100);
    const interval = await call.release();
    const told = performance.now();
    call.pass(99);
    expect(call.sounding(told)).toHaveLength(0);
    call.pass(25);
    expect(call.sounding(told).length).toBeGreaterThan(0);
    expect(interval.ms).toBe(100);
  });

  test('a key pressed between the word and the deed of a release reaches nobody', async () => {
    call.secure(5);
    await call.release();
    call.press(4, { durationMs: 160 });
    call.pass(200);
    expect(call.agentEvents).toHaveLength(0);
    expect(keys()).toEqual([[4, 5]]);
  });

  test('a lock that comes between the word and the deed of a release is a new one', async () => {
    call.secure(1);
    call.pass(500);
    await call.release();
    call.pass(50);
    call.secure(2);
    const from = performance.now();
    call.pass(300);
    expect(call.sounding(from)).toHaveLength(0);
    expect(await call.release()).toMatchObject({ ms: 300, audioSuppressed: 15 });
  });

  test('an end of the call answers a release that waits', async () => {
    call.secure(1);
    call.press(3, { durationMs: 100 }, ({ end }) => !end);
    const released = call.release();
    call.close();
    expect(await settled(released)).toBe(true);
  });
});

describe('other modes', () => {
  test('agentTalks: the customer hears the agent, who hears nothing', async () => {
    call = await PaperCall.open({ secureAudio: 'agentTalks' });
    call.secure();
    const from = performance.now();
    for (let i = 0; i < 10; i += 1) {
      call.agentSays();
      call.pass(20);
    }
    expect(call.toCaller.filter(({ payload }) => payload[0] === 0x33)).toHaveLength(10);
    expect(call.sounding(from)).toHaveLength(0);
  });

  test('betweenCaptures drop: keys never reach the agent, nor the sound while one is down; no number is missing', async () => {
    call = await PaperCall.open({ betweenCaptures: 'drop' });
    call.pass(100);
    const from = performance.now();
    call.press(6, { durationMs: 100, audioBetween: true });
    expect(call.sounding(from)).toHaveLength(0);
    call.pass(100);
    expect(call.agentEvents).toHaveLength(0);
    expect(keys()).toEqual([[6, 0]]);
    const sequences = call.toAgent.map(({ sequence }) => sequence);
    expect(sequences.slice(1).every((sequence, i) => sequence === (((sequences[i] ?? 0) + 1) & 0xffff))).toBe(true);
  });
});

describe('the memory of a received event', () => {
  const code = (): number | undefined => call.lastDelivered[12];

  test('is overwritten after it was passed on', () => {
    call.deliver(call.packetsOf(8)[0] ?? Buffer.alloc(0));
    expect(call.agentEvents).toHaveLength(1);
    expect(code()).toBe(0xff);
  });

  test('is overwritten when it was suppressed', () => {
    call.secure();
    call.deliver(call.packetsOf(8)[0] ?? Buffer.alloc(0));
    expect(keys()).toEqual([[8, 1]]);
    expect(code()).toBe(0xff);
  });

  test('is overwritten when the agent side has no events', async () => {
    call = await PaperCall.open({}, null);
    call.deliver(call.packetsOf(8)[0] ?? Buffer.alloc(0));
    expect(call.agentEvents).toHaveLength(0);
    expect(keys()).toEqual([[8, 0]]);
    expect(code()).toBe(0xff);
  });
});
