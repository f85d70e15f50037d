import { expect, test } from 'vitest';
import { pressSchedule } from '../../support/event-schedule.ts';
import { alaw, RtpPhone, ulaw } from '../../support/rtp-phone.ts';

test('The test phone sends a steady stream and presses with consecutive sequence numbers', async () => {
  const left = await RtpPhone.open();
  const right = await RtpPhone.open();
  left.follow(right.sdp());
  left.talk('tone');
  await left.press('5', { durationMs: 100, gapMs: 40 });
  left.stopTalking();
  const { heard } = right;
  expect(heard.events().map(({ payload }) => payload[0])).toEqual(Array(7).fill(5));
  expect(heard.events().filter(({ payload }) => (payload[1] ?? 0) >= 0x80)).toHaveLength(3);
  expect(new Set(heard.events().map(({ timestamp }) => timestamp)).size).toBe(1);
  expect(heard.sounding().length).toBeGreaterThan(0);
  expect(heard.continuity()).toMatchObject({ ssrcs: 1, sequenceJumps: 0, timestampsBack: 0 });
  await Promise.all([left.close(), right.close()]);
});

test('A press longer than 0xFFFF ticks is sent as segments or with a wrapped duration', () => {
  const segments = pressSchedule({ durationMs: 10_000, long: 'segment' });
  expect(new Set(segments.map(({ timestampOffset }) => timestampOffset))).toEqual(new Set([0, 0xffff]));
  const wrapped = pressSchedule({ durationMs: 10_000, long: 'wrap' });
  expect(wrapped.at(-1)?.duration).toBe(80_000 % 0x10000);
});

test('G.711 code words of the test phone are those of the standard', () => {
  expect([ulaw(0), ulaw(32_635), ulaw(-32_635), alaw(0), alaw(-1), alaw(32_635)]).toEqual([
    0xff, 0x80, 0, 0xd5, 0x55, 0xaa,
  ]);
});
