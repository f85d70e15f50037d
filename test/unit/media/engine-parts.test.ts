import { describe, expect, test } from 'vitest';
import type { KeyCode } from '../../../src/cde/dtmf/key-code.ts';
import { CallLock } from '../../../src/cde/media/embedded/call-lock.ts';
import { alawToUlaw, ulawToAlaw } from '../../../src/cde/media/embedded/g711-laws.ts';
import { KeyReader, type KeyRecord } from '../../../src/cde/media/embedded/key-pipe.ts';
import { PortPool } from '../../../src/cde/media/embedded/port-pool.ts';
import { silencePacketMs, silencePayload } from '../../../src/cde/media/embedded/silence.ts';

describe('the port pool', () => {
  test('gives each even port once, and none when all are taken', () => {
    const pool = new PortPool([20_001, 20_020], 0, () => 0);
    const ports = Array.from({ length: 9 }, () => pool.take());
    expect([...ports].sort()).toEqual([20_002, 20_004, 20_006, 20_008, 20_010, 20_012, 20_014, 20_016, 20_018]);
    expect(() => pool.take()).toThrow('no media port is free');
  });

  test('lets a port rest before it is given again', () => {
    let now = 0;
    const pool = new PortPool([20_000, 20_001], 1000, () => now);
    pool.give(pool.take());
    pool.give(20_000);
    now = 999;
    expect(() => pool.take()).toThrow();
    now = 1000;
    expect(pool.take()).toBe(20_000);
    expect(() => pool.take()).toThrow();
  });

  test('gives ports in no order that could be foreseen', () => {
    const pool = new PortPool([20_000, 29_999], 0, () => 0);
    const ports = Array.from({ length: 50 }, () => pool.take());
    const steps = new Set(ports.slice(1).map((port, i) => port - (ports[i] ?? 0)));
    expect(steps.size).toBeGreaterThan(40);
  });

  test('knows the ports on which a call of ours listens', () => {
    const pool = new PortPool([20_000, 20_003], 0, () => 0);
    const port = pool.take();
    expect(pool.listensOn(port) && pool.listensOn(port + 1)).toBe(true);
    expect(pool.listensOn(port === 20_000 ? 20_002 : 20_000)).toBe(false);
  });
});

const record = (generation: number, key = 1): KeyRecord => ({
  call: 1,
  generation,
  key: key as KeyCode,
  carrier: 'event',
  at: 0,
});

describe('the lock of a call on the side of the room', () => {
  test('lets in presses of the lock in force only', () => {
    const lock = new CallLock();
    expect(lock.admits(record(0))).toBe(true);
    const first = lock.ask();
    expect(lock.confirm(first)).toEqual([]);
    expect(lock.admits(record(0))).toBe(false);
    expect(lock.admits(record(first))).toBe(true);
    const second = lock.ask();
    lock.confirm(second);
    expect(lock.admits(record(first))).toBe(false);
    lock.release(first);
    expect(lock.admits(record(second))).toBe(true);
    lock.release(second);
    expect(lock.admits(record(second))).toBe(false);
    expect(lock.admits(record(0))).toBe(true);
  });

  test('keeps presses that came before its confirmation, a few of them, in order', () => {
    const lock = new CallLock();
    const generation = lock.ask();
    for (let key = 0; key < 12; key += 1) expect(lock.admits(record(generation, key))).toBe(false);
    expect(lock.confirm(generation).map(({ key }) => key)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  test('a confirmation that was overtaken by another lock gives nothing', () => {
    const lock = new CallLock();
    const first = lock.ask();
    lock.admits(record(first));
    lock.ask();
    expect(lock.confirm(first)).toEqual([]);
  });
});

test('Keys are read from the pipe in whatever pieces, and the pieces are wiped', () => {
  const bytes = Buffer.alloc(48);
  for (let i = 0; i < 3; i += 1) {
    bytes.writeUInt32BE(7, 16 * i);
    bytes.writeUInt16BE(2, 16 * i + 4);
    bytes.writeUInt8(i === 1 ? 200 : i, 16 * i + 6);
    bytes.writeDoubleBE(1.5, 16 * i + 8);
  }
  for (const size of [1, 5, 16, 17, 48]) {
    const read: KeyRecord[] = [];
    const reader = new KeyReader((each) => read.push(each));
    for (let at = 0; at < bytes.length; at += size) {
      const piece = Buffer.from(bytes.subarray(at, at + size));
      reader.read(piece);
      expect(piece.every((byte) => byte === 0)).toBe(true);
    }
    // A code that is no key is dropped.
    expect(read).toEqual([
      { call: 7, generation: 2, key: 0, carrier: 'event', at: 1.5 },
      { call: 7, generation: 2, key: 2, carrier: 'event', at: 1.5 },
    ]);
  }
});

test('A law of G.711 turned into the other and back is the same, but where the other has no such step', () => {
  const changed = Array.from({ length: 256 }, (_, code) => alawToUlaw[ulawToAlaw[code] ?? 0] !== code).filter(Boolean);
  // The standard's tables 3 and 4 lose eight positive and eight negative values, and one of the two zeros of µ-law.
  expect(changed.length).toBeLessThanOrEqual(17);
  expect([ulawToAlaw[0xff], alawToUlaw[0xd5], ulawToAlaw[0x80], ulawToAlaw[0x00]]).toEqual([0xd5, 0xfe, 0xaa, 0x2a]);
});

test.each([
  ['PCMU', 20, 160, 0xff],
  ['PCMA', 30, 240, 0xd5],
  ['G722', 20, 160, 0xfa],
  ['G729', 20, 20, 0x78],
  ['OPUS', 60, 3, 0xf8],
  ['L16', 10, 160, 0],
] as const)('Silence of %s at a ptime of %i ms has %i bytes', (codec, ptime, bytes, first) => {
  const payload = silencePayload(codec, silencePacketMs(codec, ptime), codec === 'OPUS' ? 48_000 : 8000, 1);
  expect(payload).toHaveLength(bytes);
  expect(payload[0]).toBe(first);
});

test('A packet of silence never lasts longer than 40 ms, whatever was negotiated', () => {
  for (let ptime = 10; ptime <= 200; ptime += 1) {
    expect(silencePacketMs('PCMU', ptime)).toBeLessThanOrEqual(40);
    expect(silencePacketMs('PCMU', ptime) % 10).toBe(0);
  }
});
