import { readFileSync } from 'node:fs';
import { afterAll, afterEach, describe, expect, test } from 'vitest';
import { findDigits, pan } from '../support/canary.ts';
import { dtmfSound } from '../support/dtmf-sound.ts';
import type { ReceivedFrame } from '../support/event-stream.ts';
import type { LiveCall } from '../support/live-call.ts';
import { MainJob } from '../support/main-job.ts';
import { hasCommand, isRoot } from '../support/sipp.ts';
import { heardTones, WireCapture, type WirePacket } from '../support/wire-capture.ts';

const canListen = isRoot && ['tshark', 'sox', 'multimon-ng'].every(hasCommand);
const card = '4012888888881881';
const [onMs, offMs] = [90, 70] as const;

const secureModes = {
  mute: {},
  masked: { audio: 'masked' },
  drop: { betweenCaptures: 'drop', lookBackMs: 40 },
} as const;
type Mode = keyof typeof secureModes;

const jobs = new Map<Mode, MainJob>();
let wire: WireCapture | undefined;

afterEach(() => {
  wire?.dispose();
  wire = undefined;
});

afterAll(async () => {
  for (const job of jobs.values()) await job.stop();
});

/** The gateway that works in this mode, started when it is first asked for. */
async function gatewayIn(mode: Mode): Promise<MainJob> {
  const known = jobs.get(mode);
  if (known !== undefined) return known;
  const job = await MainJob.start({ settings: { log: { level: 'trace' }, secureMode: secureModes[mode] } });
  jobs.set(mode, job);
  return job;
}

/** The customer's telephone speaks the keys as tones, once, after a moment of silence. */
async function keyByTones(call: LiveCall, keys: string): Promise<void> {
  const sound = dtmfSound(keys, onMs, offMs);
  const lead = 800;
  let from = -1;
  call.caller.rtp.sound = (sample) => {
    if (from < 0) from = sample + lead;
    const at = sample - from;
    return at < 0 || at >= (keys.length * (onMs + offMs) * 8000) / 1000 ? 0 : sound(at);
  };
  await new Promise((done) => setTimeout(done, 100 + keys.length * (onMs + offMs) + 60));
  call.caller.rtp.sound = 'tone';
}

interface Taken {
  readonly ended: string;
  readonly secured: WirePacket[];
  readonly before: WirePacket[];
}

const epoch = ({ at }: ReceivedFrame): number => performance.timeOrigin + at;

/** Takes the card by tones alone, and gives back what the agent's line carried between lock and release. */
async function takeByTones(call: LiveCall): Promise<Taken> {
  const ear = await WireCapture.start(`udp dst port ${call.agent.rtp.port}`);
  wire = ear;
  const locked = await call.lock('pan');
  const since = call.events.mark() - 1;
  await keyByTones(call, card);
  const { type } = await call.ending('pan', since);
  const unlocked = await call.events.nextReceived('capture.unlocked', ({ callId }) => callId === call.id, { since });
  await new Promise((done) => setTimeout(done, 300));
  await ear.stop();
  const all = ear.rtpTo(call.agent.rtp.port);
  return {
    ended: type,
    before: all.filter(({ at }) => at < epoch(locked)),
    secured: all.filter(({ at }) => at >= epoch(locked) && at <= epoch(unlocked)),
  };
}

const sound = (packets: readonly WirePacket[]): Buffer => Buffer.concat(packets.map(({ payload }) => payload));
const jumps = (packets: readonly WirePacket[]): WirePacket[] =>
  packets.slice(1).filter(({ sequence }, n) => sequence !== (((packets[n]?.sequence ?? 0) + 1) & 0xffff));

/** Everything of the gateway's that could hold a digit. */
function leavings(of: MainJob, call: LiveCall): (readonly [string, Buffer | string])[] {
  return [
    ['output', of.gateway.output],
    ['frames', call.events.received.map(({ raw }) => raw).join('\n')],
    ['answers', call.api.answers.join('\n')],
    ...of.gateway.files.map((path) => [path, readFileSync(path)] as const),
  ];
}

describe.skipIf(!canListen)('a whole card keyed by tones alone, on a telephone without telephone-event', () => {
  test.each([
    ['mute', 0],
    ['masked', 0],
    ['drop', 0],
    ['mute', 8],
    ['masked', 8],
  ] as const)(
    'is captured, and the agent’s line carries nothing of it: %s, payload type %d',
    async (name, payloadType) => {
      const gateway = await gatewayIn(name);
      const call = await gateway.inbound(`5${payloadType}01`, { events: false, rtp: { payloadType } });
      expect((await call.api.calls()).body).toMatchObject({ calls: [{ callId: call.id, keysBy: ['tones'] }] });
      await call.open();
      const { ended, secured } = await takeByTones(call);
      expect(ended).toBe('capture.completed');
      expect(secured.length).toBeGreaterThan(100);
      expect(heardTones(secured[0]?.payloadType ?? 0, sound(secured))).toBe('');
      expect(secured.filter(({ payload }) => payload.length === 4)).toEqual([]);
      expect(jumps(secured)).toEqual([]);
      expect(new Set(secured.map(({ ssrc }) => ssrc)).size).toBe(1);
      const found = leavings(gateway, call).flatMap(([where, content]) => findDigits(where, content, [pan(card)]));
      expect(found).toEqual([]);
      await call.hangUp();
    },
  );

  test('and outside a capture they reach the agent, but not where keys are dropped', async () => {
    for (const [name, heard] of [
      ['mute', '159'],
      ['drop', ''],
    ] as const) {
      const call = await (await gatewayIn(name)).inbound('5102', { events: false });
      const ear = await WireCapture.start(`udp dst port ${call.agent.rtp.port}`);
      wire = ear;
      await keyByTones(call, '159');
      await new Promise((done) => setTimeout(done, 200));
      await ear.stop();
      const packets = ear.rtpTo(call.agent.rtp.port);
      expect(heardTones(0, sound(packets))).toBe(heard);
      expect(packets.some(({ payload }) => payload.some((byte) => byte !== 0xff && byte !== 0x7f))).toBe(true);
      ear.dispose();
      await call.hangUp();
    }
  });

  test('a tone that is held across either edge of the lock reaches nobody while it is in force', async () => {
    for (const name of ['mute', 'masked'] as const) {
      const call = await (await gatewayIn(name)).inbound('5103', { events: false });
      await call.open();
      const ear = await WireCapture.start(`udp dst port ${call.agent.rtp.port}`);
      wire = ear;
      call.caller.rtp.sound = dtmfSound('7', 900, 100);
      await new Promise((done) => setTimeout(done, 250));
      const locked = await call.lock('pan');
      const since = call.events.mark() - 1;
      await new Promise((done) => setTimeout(done, 1200));
      await call.api.stopCapture(call.sessionId);
      const unlocked = await call.events.nextReceived('capture.unlocked', ({ callId }) => callId === call.id, {
        since,
      });
      call.caller.rtp.sound = 'silence';
      await new Promise((done) => setTimeout(done, 200));
      await ear.stop();
      const secured = ear.rtpTo(call.agent.rtp.port).filter(({ at }) => at >= epoch(locked) && at <= epoch(unlocked));
      expect(secured.length).toBeGreaterThan(50);
      expect(heardTones(0, sound(secured))).toBe('');
      // The key that was down when the lock came is no key of the field; those pressed under it are.
      const progress = call.events.frames.filter(({ type }) => type === 'capture.progress');
      expect(progress.every(({ digits }) => Number(digits) <= 2)).toBe(true);
      ear.dispose();
      await call.hangUp();
    }
  });
});

test('what was kept from the agent is counted and in the evidence; nothing leaked', async () => {
  const gateway = await gatewayIn('masked');
  const call = await gateway.inbound('5104');
  await call.open();
  const before = await gateway.metric('tonelock_agent_leg_suppressed_packets_total');
  await call.take('pan', card);
  await call.lock('cvc');
  await call.hangUp();
  await new Promise((done) => setTimeout(done, 1000));
  expect(await gateway.metric('tonelock_agent_leg_suppressed_packets_total')).toBeGreaterThan(before + 50);
  expect(await gateway.metric('tonelock_leaks_total')).toBe(0);
  const journal = gateway.gateway.files.map((path) => readFileSync(path, 'utf8')).join('\n');
  expect(journal).toMatch(/capture\.released:pan.*"leaks":0/);
  expect(journal).toMatch(/agent-leg\.secured.*"leaks":0/);
});

test('a leak is found: a tone too far off its frequency for any key, but not for the watch over the agent’s line', async () => {
  const gateway = await gatewayIn('masked');
  const call = await gateway.inbound('5105', { events: false });
  await call.open();
  await call.lock('pan');
  const off = (hz: number) => (sample: number) => 5000 * Math.sin((2 * Math.PI * hz * sample) / 8000);
  const [low, high] = [off(770 * 1.026), off(1336 * 1.026)];
  call.caller.rtp.sound = (sample) => (sample % 4000 < 800 ? low(sample) + high(sample) : 0);
  await new Promise((done) => setTimeout(done, 1500));
  expect(await gateway.metric('tonelock_leaks_total')).toBeGreaterThan(0);
  await call.api.stopCapture(call.sessionId);
  await call.hangUp();
  const journal = gateway.gateway.files.map((path) => readFileSync(path, 'utf8')).join('\n');
  expect(journal).toContain('agent-leg.leaked');
});
