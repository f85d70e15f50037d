import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { dtmfSound } from '../support/dtmf-sound.ts';
import type { LiveCall } from '../support/live-call.ts';
import { MainJob } from '../support/main-job.ts';
import { hasCommand, isRoot } from '../support/sipp.ts';
import { heardTones, WireCapture, type WirePacket } from '../support/wire-capture.ts';

const canListen = isRoot && ['tshark', 'sox', 'multimon-ng'].every(hasCommand);
const largestGapMs = 40;
const card = '4111111111111111';

let job: MainJob;
let wire: WireCapture | undefined;

beforeAll(async () => {
  job = await MainJob.start();
});

afterEach(() => {
  wire?.dispose();
  wire = undefined;
});

afterAll(async () => {
  await job.stop();
});

/** Wall-clock milliseconds of what the gateway has said and of what the wire has carried are of one machine. */
const epoch = (at: number): number => performance.timeOrigin + at;

interface Heard {
  readonly secured: WirePacket[];
  readonly before: WirePacket[];
  readonly after: WirePacket[];
}

/** Plays `during` while the call is locked for the field, and gives back what the agent leg carried, by time. */
async function listen(call: LiveCall, during: () => Promise<void>, field: 'pan' | 'cvc' = 'pan'): Promise<Heard> {
  const ear = await WireCapture.start(`udp dst port ${call.agent.rtp.port}`);
  wire = ear;
  const locked = await call.lock(field);
  const since = call.events.mark() - 1;
  await during();
  await call.ending(field, since);
  const unlocked = await call.events.nextReceived('capture.unlocked', ({ callId }) => callId === call.id, { since });
  await new Promise((done) => setTimeout(done, 600));
  await ear.stop();
  const all = ear.rtpTo(call.agent.rtp.port);
  const [from, to] = [epoch(locked.at), epoch(unlocked.at)];
  return {
    before: all.filter(({ at }) => at < from),
    secured: all.filter(({ at }) => at >= from && at <= to),
    after: all.filter(({ at }) => at > to + 100),
  };
}

const gaps = (packets: readonly WirePacket[]): number[] =>
  packets.slice(1).map(({ at }, n) => at - (packets[n]?.at ?? at));
const sound = (packets: readonly WirePacket[]): Buffer => Buffer.concat(packets.map(({ payload }) => payload));
const flat = ({ payloadType, payload }: WirePacket): boolean =>
  payload.every((byte) => (payloadType === 8 ? byte === 0xd5 || byte === 0x55 : byte === 0xff || byte === 0x7f));

function expectClean({ secured }: Heard): void {
  expect(secured.length).toBeGreaterThan(40);
  expect(secured.filter(({ payload }) => payload.length === 4)).toEqual([]);
  expect(new Set(secured.map(({ payloadType }) => payloadType)).size).toBe(1);
  expect(secured.filter((packet) => !flat(packet)).length).toBe(0);
  expect(Math.max(...gaps(secured))).toBeLessThanOrEqual(largestGapMs);
}

const steady = (packets: readonly WirePacket[]): void => {
  expect(new Set(packets.map(({ ssrc }) => ssrc)).size).toBe(1);
  const jumps = packets.slice(1).filter(({ sequence }, n) => sequence !== (((packets[n]?.sequence ?? 0) + 1) & 0xffff));
  expect(jumps).toEqual([]);
};

// Never retried: a leak that shows once in three runs is a leak.
describe.skipIf(!canListen)('the agent leg between capture.locked and capture.unlocked', () => {
  test('carries steady silence while a card is keyed by RTP events; no event, no customer sound', async () => {
    const call = await job.inbound('4001');
    await call.open();
    const heard = await listen(call, () => call.key(card));
    expectClean(heard);
    steady([...heard.before, ...heard.secured]);
    expect(heard.before.some((packet) => !flat(packet))).toBe(true);
    expect(heard.after.some((packet) => !flat(packet))).toBe(true);
    expect(heard.after[0]?.ssrc).toBe(heard.secured[0]?.ssrc);
    await call.hangUp();
  });

  test('carries as steady a silence while the security code is keyed (P-50)', async () => {
    const call = await job.inbound('4004');
    await call.open();
    await call.take('pan', card);
    const late = async (): Promise<void> => {
      await new Promise((done) => setTimeout(done, 800));
      await call.key('737');
    };
    const heard = await listen(call, late, 'cvc');
    expectClean(heard);
    steady([...heard.before, ...heard.secured]);
    for (const open of [heard.before, heard.after]) expect(open.some((packet) => !flat(packet))).toBe(true);
    await call.hangUp();
  });

  test('carries nothing that multimon-ng hears while tones come in the customer’s sound', async () => {
    const call = await job.inbound('4002');
    await call.open();
    call.caller.rtp.sound = dtmfSound('159');
    const heard = await listen(call, async () => {
      await new Promise((done) => setTimeout(done, 1500));
      await call.api.stopCapture(call.sessionId);
    });
    expect(heardTones(heard.secured[0]?.payloadType ?? 0, sound(heard.secured))).toBe('');
    expectClean(heard);
    // The ear is not deaf: it heard the same tones before the lock.
    expect(heardTones(heard.before[0]?.payloadType ?? 0, sound(heard.before))).toMatch(/159|591|915/);
    await call.hangUp();
  });

  test('keeps back a press that has begun when the lock comes, and one that is under way when it ends', async () => {
    const call = await job.inbound('4003');
    await call.open();
    const early = call.caller.rtp.press('7', { durationMs: 900 });
    const heard = await listen(call, async () => {
      await early;
      await call.key('4111');
      const late = call.caller.rtp.press('8', { durationMs: 900 });
      await new Promise((done) => setTimeout(done, 300));
      await call.api.stopCapture(call.sessionId);
      await late;
    });
    expectClean(heard);
    expect(heard.after.filter(({ payload }) => payload.length === 4)).toEqual([]);
    await call.hangUp();
  });
});
