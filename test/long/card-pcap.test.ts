import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type CapturedPacket, parseRtp } from '../support/rtp-capture.ts';

const generator = join(import.meta.dirname, '..', '..', 'sip-scenarios', 'make-card-pcap.mjs');
const folder = mkdtempSync(join(tmpdir(), 'tonelock-pcap-'));

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Reads a pcap file back: its header is 24 bytes, each record 16 and 42 of Ethernet, IPv4 and UDP. */
function packetsOf(...words: string[]): CapturedPacket[] {
  const out = join(folder, 'card.pcap');
  execFileSync(process.execPath, [generator, '--out', out, ...words], { stdio: 'ignore' });
  const bytes = readFileSync(out);
  const packets: CapturedPacket[] = [];
  for (let at = 24; at < bytes.length; ) {
    const length = bytes.readUInt32LE(at + 8);
    const ms = bytes.readUInt32LE(at) * 1000 + bytes.readUInt32LE(at + 4) / 1000;
    const packet = parseRtp(bytes.subarray(at + 16 + 42, at + 16 + length), 'pcap', ms);
    if (packet !== undefined) packets.push(packet);
    at += 16 + length;
  }
  return packets;
}

const eventsOf = (packets: readonly CapturedPacket[]) => packets.filter(({ payloadType }) => payloadType === 101);

describe('a card as a pcap', () => {
  test('has one timestamp a press, also where a digit repeats, and three ends of each (RFC 4733 §2.5.1.4)', () => {
    const events = eventsOf(packetsOf('1s', '4111111111111111', '1s', '737', '1s'));
    const presses = new Map(events.map(({ timestamp, payload }) => [timestamp, payload[0]]));
    expect([...presses.values()].join('')).toBe('4111111111111111737');
    const ends = events.filter(({ payload }) => ((payload[1] ?? 0) & 0x80) !== 0);
    expect(ends).toHaveLength(3 * 19);
    expect(events.filter(({ marker }) => marker)).toHaveLength(19);
  });

  test('counts its packets on and sends one each 20 ms, audio between the presses too', () => {
    const packets = packetsOf('0.5s', '4111', '0.5s');
    const first = packets[0]?.sequence ?? 0;
    expect(packets.map(({ sequence }) => sequence - first)).toEqual(packets.map((_, n) => n));
    expect(packets.map(({ at }) => at)).toEqual(packets.map((_, n) => n * 20));
    const kinds = packets.map(({ payloadType }) => (payloadType === 8 ? 'a' : 'e')).join('');
    expect(kinds).toMatch(/^a{25}(e{7}a{4}){4}a{25}$/);
  });

  test('keys stars and hashes too, at another payload type and rhythm', () => {
    const packets = packetsOf('--pt', '96', '--ptime', '10', '--press', '40', '*1#');
    const events = packets.filter(({ payloadType }) => payloadType === 96);
    expect([...new Map(events.map(({ timestamp, payload }) => [timestamp, payload[0]])).values()]).toEqual([10, 1, 11]);
    expect(Math.max(...events.map(({ payload }) => payload.readUInt16BE(2)))).toBe(320);
  });

  test('is refused where the number could be a real card, without repeating it', () => {
    // The check digit is right, and nobody publishes it for tests.
    const number = '4000000000001232';
    const refused = spawnSync(process.execPath, [generator, '--out', join(folder, 'x.pcap'), number], {
      encoding: 'utf8',
    });
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch(/only documented test cards/);
    expect(refused.stderr).not.toContain(number.slice(0, 8));
  });
});
