#!/usr/bin/env node
// Writes what a customer's phone sends while somebody keys a card: RTP with G.711 A-law audio, and each key as an event of
// RFC 4733. SIPp plays the file (`play_pcap_audio`). Its own `play_dtmf` will not do: it always uses payload type 96, and
// the recordings that come with it repeat their timestamps, so that the second 1 of 4111 is the same press as the first.
//
//   node sip-scenarios/make-card-pcap.mjs 15s 4111111111111111 10s 123 5s
//
// Steps: `15s` is that much audio, anything else is keys. Options: --out FILE, --pt N (telephone-event, 101), --ptime MS
// (20), --press MS (100), --gap MS (80).
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';

const here = import.meta.dirname;
const clockRate = 8000;
const keypad = '0123456789*#ABCD';

/** Numbers that card schemes and providers publish for tests. No other number that could be a card is ever keyed. */
const testCards = new Set([
  ...['4111111111111111', '4000000000000000006', '4242424242424242', '4012888888881881', '5555555555554444'],
  ...['2223003122003222', '5105105105105100', '378282246310005', '371449635398431', '3530111333300000'],
  ...['30569309025904', '36227206271667', '6011111111111117', '6200000000000005', '6304000000000000'],
]);

const luhn = (digits) =>
  [...digits].reverse().reduce((sum, digit, at) => {
    const value = Number(digit) * (at % 2 === 0 ? 1 : 2);
    return sum + (value > 9 ? value - 9 : value);
  }, 0) %
    10 ===
  0;

/** @returns steps as `{ audioMs }` or `{ key }`. */
export function readSteps(words) {
  return words.flatMap((word) => {
    const pause = /^(\d+(?:\.\d+)?)s$/.exec(word);
    if (pause !== null) return [{ audioMs: Math.round(Number(pause[1]) * 1000) }];
    if (!/^[0-9A-D*#]+$/.test(word)) throw new Error('a step is a number of seconds (15s) or keys (0-9 A-D * #)');
    const digits = word.replaceAll(/[^0-9]/g, '');
    if (digits.length >= 12 && luhn(digits) && !testCards.has(digits)) {
      throw new Error('that could be a real card: only documented test cards may be keyed');
    }
    return [...word].map((key) => ({ key }));
  });
}

/** G.711 A-law (ITU-T G.711 table 1a) of one 16-bit sample: sign, segment, four bits of the place in it, every second bit turned. */
function aLaw(sample) {
  const magnitude = sample >= 0 ? sample >> 3 : (-sample - 1) >> 3;
  const segment = Math.max(0, 27 - Math.clz32(magnitude | 0x1f));
  const place = (magnitude >> Math.max(1, segment)) & 0x0f;
  return ((segment << 4) | place) ^ (sample >= 0 ? 0xd5 : 0x55);
}

/** A hum between two tones that no keypad has, in place of somebody talking: 350 Hz, at about −20 dBm0. */
const speech = (length, from) =>
  Buffer.from(
    Array.from({ length }, (_, n) => aLaw(Math.round(2300 * Math.sin((2 * Math.PI * 350 * (from + n)) / clockRate)))),
  );

/**
 * @returns packets as `{ atMs, rtp }`. A key is a press of its own: it has its own timestamp, its packets count on, and it
 * ends with three packets that have the end bit (RFC 4733 §2.5.1.4).
 */
export function makePackets(steps, { pt = 101, ptimeMs = 20, pressMs = 100, gapMs = 80, ssrc = 0x746f6e65 } = {}) {
  const packets = [];
  const frame = (clockRate / 1000) * ptimeMs;
  let [sequence, timestamp, atMs] = [1000, 160_000, 0];
  const send = (type, marker, stamp, payload) => {
    // 0                   1                   2                   3
    // |V=2|P|X|  CC   |M|     PT      |       sequence number         |   RFC 3550 §5.1
    const header = Buffer.alloc(12);
    header[0] = 0x80;
    header[1] = (marker ? 0x80 : 0) | type;
    header.writeUInt16BE(sequence & 0xffff, 2);
    header.writeUInt32BE(stamp >>> 0, 4);
    header.writeUInt32BE(ssrc, 8);
    sequence += 1;
    packets.push({ atMs, rtp: Buffer.concat([header, payload]) });
  };
  const audio = (ms) => {
    for (let n = 0; n < Math.max(1, Math.round(ms / ptimeMs)); n += 1) {
      send(8, packets.length === 0, timestamp, speech(frame, timestamp));
      timestamp += frame;
      atMs += ptimeMs;
    }
  };
  const press = (key) => {
    const updates = Math.max(1, Math.round(pressMs / ptimeMs));
    for (let n = 1; n <= updates + 2; n += 1) {
      const duration = Math.min(n, updates) * frame;
      // |     event     |E|R| volume    |          duration             |   RFC 4733 §2.3
      send(
        pt,
        n === 1,
        timestamp,
        Buffer.from([keypad.indexOf(key), (n >= updates ? 0x80 : 0) | 10, duration >> 8, duration & 0xff]),
      );
      atMs += ptimeMs;
    }
    timestamp += (updates + 2) * frame;
    audio(gapMs);
  };
  for (const step of steps) step.key === undefined ? audio(step.audioMs) : press(step.key);
  return packets;
}

/** Ethernet, IPv4 and UDP around the packets; SIPp puts its own addresses and ports in their place. */
export function pcapOf(packets) {
  const global = Buffer.alloc(24);
  global.writeUInt32LE(0xa1b2c3d4, 0);
  global.writeUInt16LE(2, 4);
  global.writeUInt16LE(4, 6);
  global.writeUInt32LE(65_535, 16);
  global.writeUInt32LE(1, 20);
  const records = packets.map(({ atMs, rtp }) => {
    const record = Buffer.alloc(16 + 14 + 20 + 8);
    const length = 14 + 20 + 8 + rtp.length;
    record.writeUInt32LE(Math.floor(atMs / 1000), 0);
    record.writeUInt32LE((atMs % 1000) * 1000, 4);
    record.writeUInt32LE(length, 8);
    record.writeUInt32LE(length, 12);
    record.writeUInt16BE(0x0800, 16 + 12);
    record.set([0x45, 0], 30);
    record.writeUInt16BE(20 + 8 + rtp.length, 32);
    record.set([64, 17, 0, 0, 127, 0, 0, 1, 127, 0, 0, 1], 38);
    record.writeUInt16BE(6000, 50);
    record.writeUInt16BE(6000, 52);
    record.writeUInt16BE(8 + rtp.length, 54);
    return Buffer.concat([record, rtp]);
  });
  return Buffer.concat([global, ...records]);
}

function main() {
  const number = (text, fallback) => (text === undefined ? fallback : Number(text));
  const text = { type: 'string' };
  const options = { out: text, pt: text, ptime: text, press: text, gap: text };
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  if (positionals.length === 0)
    throw new Error('usage: make-card-pcap.mjs [options] STEP…, such as 15s 4111111111111111 10s 123 5s');
  const steps = readSteps(positionals);
  const out = values.out ?? join(here, 'generated', 'card.pcap');
  mkdirSync(dirname(out), { recursive: true });
  const shape = { pt: number(values.pt, 101), ptimeMs: number(values.ptime, 20), gapMs: number(values.gap, 80) };
  const packets = makePackets(steps, { ...shape, pressMs: number(values.press, 100) });
  writeFileSync(out, pcapOf(packets));
  const seconds = ((packets.at(-1)?.atMs ?? 0) / 1000).toFixed(1);
  process.stdout.write(`${out}: ${steps.filter((step) => step.key !== undefined).length} keys, ${seconds} s\n`);
}

if (process.argv[1] === import.meta.filename) {
  try {
    main();
  } catch (error) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  }
}
