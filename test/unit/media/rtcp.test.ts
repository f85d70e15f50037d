import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { PaperCall } from '../../support/paper-call.ts';
import { callerAt, legSettings } from '../../support/paper-legs.ts';

let call: PaperCall;
const toCallerRtcp = (): Buffer[] => call.io.sockets.get(20_001)?.sent ?? [];

beforeEach(async () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 0, 1) });
  vi.advanceTimersByTime(1000);
  call = await PaperCall.open();
});

afterEach(() => {
  vi.useRealTimers();
});

/** The packets of a compound one (RFC 3550 §6.1), by type. */
function compound(bytes: Buffer): { type: number; body: Buffer; count: number }[] {
  const packets = [];
  for (let at = 0; at < bytes.length; ) {
    const length = 4 * (bytes.readUInt16BE(at + 2) + 1);
    expect(bytes.readUInt8(at) >> 6).toBe(2);
    packets.push({
      type: bytes.readUInt8(at + 1),
      count: bytes.readUInt8(at) & 0x1f,
      body: bytes.subarray(at, at + length),
    });
    at += length;
  }
  return packets;
}

function sweep(seconds: number): void {
  for (let i = 0; i < seconds; i += 1) {
    call.pass(1000);
    call.agentSays();
    call.relay.sweep(performance.now(), Date.now());
  }
}

test('Each leg gets valid reports about our stream and its own, with our SSRC and no other side’s', () => {
  sweep(10);
  const reports = toCallerRtcp();
  expect(reports.length).toBeGreaterThanOrEqual(1);
  const [report, description] = compound(reports.at(-1) ?? Buffer.alloc(0));
  expect(report).toMatchObject({ type: 200, count: 1 });
  expect(report?.body.readUInt32BE(4)).toBe(call.toCaller[0]?.ssrc);
  // RFC 3550 §4: NTP seconds since 1900.
  expect(report?.body.readUInt32BE(8)).toBeGreaterThan(2_208_988_800 + Date.UTC(2026, 0, 1) / 1000 - 1);
  expect(report?.body.readUInt32BE(28)).toBe(call.callerSsrc);
  expect(report?.body.readUInt8(32)).toBe(0);
  expect(description).toMatchObject({ type: 202, count: 1 });
  expect(reports.some((bytes) => bytes.includes(Buffer.from([0, 0, 0x22, 0x22])))).toBe(false);
});

test('The peer’s sender report comes back as LSR and DLSR (RFC 3550 §6.4.1)', () => {
  const sr = Buffer.alloc(28);
  sr.writeUInt8(0x80, 0);
  sr.writeUInt8(200, 1);
  sr.writeUInt16BE(6, 2);
  sr.writeUInt32BE(0xaabbccdd, 8);
  sr.writeUInt32BE(0x11223344, 12);
  sweep(1);
  call.io.deliver(20_001, sr, { address: callerAt.address, port: 4001 });
  sweep(8);
  const [report] = compound(toCallerRtcp().at(-1) ?? Buffer.alloc(0));
  expect(report?.body.readUInt32BE(44)).toBe(0xccdd1122);
  expect(report?.body.readUInt32BE(48)).toBeGreaterThan(0);
});

test('A call says goodbye on both legs when it ends', () => {
  sweep(1);
  call.close();
  const goodbyes = compound(toCallerRtcp().at(-1) ?? Buffer.alloc(0)).filter(({ type }) => type === 203);
  expect(goodbyes).toHaveLength(1);
  expect([...call.io.sockets.values()].every(({ closed }) => closed)).toBe(true);
});

test('A leg that never sent anything leaves without a goodbye (RFC 3550 §6.3.7)', () => {
  call.close();
  expect([...call.io.sockets.values()].flatMap(({ sent }) => sent)).toHaveLength(0);
});

test('Where RTCP shares the port it is read and sent there, and is no RTP', () => {
  call.relay.configure('caller', legSettings(callerAt, 101, { mux: true }), performance.now());
  const rr = Buffer.from([0x80, 201, 0, 1, 0, 0, 0, 9]);
  call.deliver(rr);
  sweep(9);
  const { caller } = call.close();
  expect(caller.refused).toBe(0);
  expect(toCallerRtcp()).toHaveLength(0);
  expect(call.io.sockets.get(20_000)?.sent.some((bytes) => bytes.readUInt8(1) === 200)).toBe(true);
});

test('RTCP of another host is refused and counted', () => {
  call.io.deliver(20_001, Buffer.from([0x80, 201, 0, 1, 0, 0, 0, 9]), { address: '203.0.113.66', port: 4001 });
  expect(call.close().caller.refused).toBe(1);
});

test('Loss and jitter are reported as RFC 3550 Appendix A counts them', () => {
  for (let i = 0; i < 100; i += 1) {
    if (i % 10 === 9) call.skipSound();
    else call.sound();
    call.pass(20, false);
  }
  const { caller } = call.close();
  expect(caller.received).toBe(90);
  // The last of the hundred is among the lost, and nobody can know that.
  expect(caller.lost).toBe(9);
  expect(caller.jitterMs).toBeLessThan(1);
});
