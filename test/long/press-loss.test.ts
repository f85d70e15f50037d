import { expect, test } from 'vitest';
import { emptyEventPacket } from '../../src/cde/dtmf/telephone-event.ts';
import { TelephoneEventReceiver } from '../../src/cde/dtmf/telephone-event-receiver.ts';
import { ToneDetector } from '../../src/cde/dtmf/tone-detector.ts';
import { pressSchedule } from '../support/event-schedule.ts';
import { keypad, seededRandom, ToneTrack } from '../support/tone-generator.ts';

const presses = 10_000;
const loss = 0.05;

interface Fate {
  readonly counted: number;
  readonly arrived: boolean;
}

/** Each press with three end packets over a network that loses 5 % of all packets, brings 2 % twice and 2 % late. */
function overBadNetwork(seed: number): Fate[] {
  const random = seededRandom(seed);
  const receiver = new TelephoneEventReceiver();
  const wire: { at: number; press: number; packet: ReturnType<typeof emptyEventPacket> }[] = [];
  let at = 1000;
  let sequence = 0;
  for (let press = 0; press < presses; press += 1) {
    const durationMs = 40 + 20 * Math.floor(random() * 8);
    const event = Math.floor(random() * 16);
    for (const { atMs, marker, end, duration } of pressSchedule({ durationMs })) {
      const packet = { ...emptyEventPacket(), ssrc: 7, sequence: sequence & 0xffff, timestamp: (at * 8) >>> 0 };
      Object.assign(packet, { marker, end, duration, event });
      sequence += 1;
      if (random() < loss) continue;
      const late = random() < 0.02 ? 25 : 0;
      wire.push({ at: at + atMs + late, press, packet });
      if (random() < 0.02) wire.push({ at: at + atMs + late + 1, press, packet });
    }
    at += durationMs + 100 + 20 * Math.floor(random() * 10);
    sequence += 5;
  }
  wire.sort((a, b) => a.at - b.at);
  const counted = new Array<number>(presses).fill(0);
  const arrived = new Array<boolean>(presses).fill(false);
  for (const { at: when, press, packet } of wire) {
    arrived[press] = true;
    if (receiver.accept({ ...packet, at: when }) === 'new') counted[press] = (counted[press] ?? 0) + 1;
  }
  return counted.map((count, press) => ({ counted: count, arrived: arrived[press] === true }));
}

test('of 10,000 presses by events at 5 % random loss each counts once, unless all of its packets were lost', () => {
  for (const seed of [1, 2, 3]) {
    const wrong = overBadNetwork(seed).filter(({ counted, arrived }) => counted !== (arrived ? 1 : 0));
    expect(wrong).toEqual([]);
  }
});

test('of 500 presses by tones at 5 % random loss, told to the detector, each counts once', () => {
  const random = seededRandom(5);
  const track = new ToneTrack(23).silence(101);
  const count = 500;
  for (let press = 0; press < count; press += 1) {
    track.press(keypad[Math.floor(random() * 16)] ?? '0', { ms: 100 }).silence(100 + random());
  }
  const samples = track.silence(200).samples();
  const starts: number[] = [];
  const detector = new ToneDetector({ onTone: (_, start) => starts.push(start) });
  for (let at = 0; at + 160 <= samples.length; ) {
    let lost = 0;
    while (random() < loss) lost += 160;
    if (lost > 0) detector.lose(lost);
    at += lost;
    detector.feed(samples.subarray(at, at + 160), Math.min(160, Math.max(0, samples.length - at)));
    at += 160;
  }
  const counted = track.presses.map(({ start, end }) => starts.filter((at) => at > start - 240 && at < end).length);
  expect(counted.filter((times) => times !== 1)).toEqual([]);
});
