import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { SrtpContext } from '../../../src/cde/media/embedded/srtp/srtp-context.ts';
import type { SrtpSettings } from '../../../src/cde/media/offer-answer/key-exchange.ts';
import { masterBytes, type SuiteName, suiteNames } from '../../../src/cde/media/offer-answer/srtp-suite.ts';
import { PaperCall } from '../../support/paper-call.ts';
import { agentAt, legSettings } from '../../support/paper-legs.ts';
import { rtp } from '../../support/rtp-phone.ts';

const sound = (sequence: number, ssrc = 7): Buffer =>
  rtp(0, false, sequence, 160 * sequence, ssrc, Buffer.alloc(160, 3));

function sealed(context: SrtpContext, packet: Buffer): Buffer {
  const out = Buffer.alloc(2000);
  return out.subarray(0, context.protect(packet, 0, packet.length, out));
}

describe.each(suiteNames)('%s with a master key identifier (RFC 3711 §3.1)', (suite) => {
  const master = randomBytes(masterBytes(suite));
  const mki = Buffer.from([0, 0, 1, 7]);
  const plain = rtp(0, false, 5, 800, 7, Buffer.alloc(160, 3));

  test('carries it before the tag, or after one that belongs to the cipher, and is read with it alone', () => {
    const packet = sealed(new SrtpContext(suite, master, mki), plain);
    const bare = sealed(new SrtpContext(suite, master), plain);
    const at = suite.startsWith('AEAD') ? bare.length : plain.length;
    expect(packet).toEqual(Buffer.concat([bare.subarray(0, at), mki, bare.subarray(at)]));
    const read = (name: Buffer | undefined, bytes: Buffer): number =>
      new SrtpContext(suite, master, name).unprotect(Buffer.from(bytes), bytes.length);
    expect(read(mki, packet)).toBe(plain.length);
    expect([read(Buffer.from([0, 0, 1, 8]), packet), read(undefined, packet), read(mki, bare)]).toEqual([-1, -1, -1]);
  });

  test('and so does its RTCP', () => {
    const report = Buffer.concat([Buffer.from([0x80, 201, 0, 1, 0, 0, 0, 9]), Buffer.alloc(24, 5)]);
    const packet = new SrtpContext(suite, master, mki).protectControl(report);
    const read = (name: Buffer): number =>
      new SrtpContext(suite, master, name).unprotectControl(Buffer.from(packet), packet.length);
    expect(packet.indexOf(mki)).toBeGreaterThan(report.length);
    expect(read(mki)).toBe(report.length);
    expect(read(Buffer.from([0, 0, 1, 8]))).toBe(-1);
  });
});

describe('new keys in a call', () => {
  const suite: SuiteName = 'AES_CM_128_HMAC_SHA1_80';
  const key = (): string => randomBytes(masterBytes(suite)).toString('base64');
  let call: PaperCall;

  beforeEach(async () => {
    vi.useFakeTimers({ now: 0 });
    vi.advanceTimersByTime(1000);
    call = await PaperCall.open();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  const agree = (srtp: SrtpSettings): void =>
    call.relay.configure('agent', legSettings(agentAt, 120, { srtp }), performance.now());
  const toAgent = (from: number): Buffer[] => (call.io.sockets.get(20_002)?.sent ?? []).slice(from);
  const readable = (srtp: SrtpSettings, packets: readonly Buffer[]): number[] => {
    const reader = new SrtpContext(suite, Buffer.from(srtp.send, 'base64'));
    return packets.map((packet) => reader.unprotect(Buffer.from(packet), packet.length));
  };
  const first: SrtpSettings = { suite, send: key(), sendMki: '', receive: key(), receiveMki: '' };

  test('the same ones again: the stream goes on, and no number of it is sealed twice', () => {
    agree(first);
    call.pass(100);
    agree({ ...first });
    call.pass(100);
    expect(readable(first, toAgent(0)).every((length) => length === 172)).toBe(true);
    expect(new Set(call.toAgent.map(({ ssrc }) => ssrc)).size).toBe(1);
  });

  test('another of the peer’s: who takes over hears us from our first packet on, by a stream of its own', () => {
    agree(first);
    call.pass(100);
    const before = toAgent(0).length;
    const second = { ...first, receive: key() };
    agree(second);
    call.pass(100);
    expect(readable(second, toAgent(before)).every((length) => length === 172)).toBe(true);
    expect(new Set(call.toAgent.map(({ ssrc }) => ssrc)).size).toBe(2);
    const agent = new SrtpContext(suite, Buffer.from(second.receive, 'base64'));
    call.io.deliver(20_002, sealed(agent, sound(9)), agentAt);
    call.io.deliver(20_002, sealed(new SrtpContext(suite, Buffer.from(first.receive, 'base64')), sound(10)), agentAt);
    expect(call.toCaller).toHaveLength(1);
  });

  test('another of ours: by the new one from there on', () => {
    agree(first);
    call.pass(100);
    const before = toAgent(0).length;
    const second = { ...first, send: key() };
    agree(second);
    call.pass(100);
    expect(readable(second, toAgent(before)).every((length) => length === 172)).toBe(true);
  });

  test('none any more: a leg that is plain again is sent plain packets', () => {
    agree(first);
    call.pass(100);
    const before = toAgent(0).length;
    call.relay.configure('agent', legSettings(agentAt, 120), performance.now());
    call.pass(100);
    expect(toAgent(before).length).toBeGreaterThan(3);
    expect(toAgent(before).every((packet) => packet.length === 172)).toBe(true);
  });
});
