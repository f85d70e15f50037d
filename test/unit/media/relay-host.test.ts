import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { RelayHost } from '../../../src/cde/media/embedded/relay-host.ts';
import { FakeRtpIo } from '../../support/fake-rtp-io.ts';
import { agentAt, callerAt, legSettings } from '../../support/paper-legs.ts';

const calls = 60;
const lost: { call: number; leg: string; at: number }[] = [];
let host: RelayHost;

beforeEach(async () => {
  vi.useFakeTimers({ now: 0 });
  lost.length = 0;
  const ignore = (): void => undefined;
  host = new RelayHost(async () => new FakeRtpIo(), {
    pressed: ignore,
    leaked: ignore,
    lost: (call, leg) => void lost.push({ call, leg, at: performance.now() }),
  });
  await host.handle('begin', {
    io: 'auto',
    address: '192.0.2.1',
    sourcePolicy: 'strict',
    lossMs: { first: 2000, running: 2000, held: 2000 },
    secureAudio: 'mute',
    betweenCaptures: 'pass',
    lookBackMs: 0,
    fill: 'silence',
  });
  for (let call = 1; call <= calls; call += 1) {
    await host.handle('relays.open', { relays: [{ call, caller: 20_000 + 4 * call, agent: 20_002 + 4 * call }] });
    host.configure({ call, legs: { caller: legSettings(callerAt, 101) } });
    host.configure({ call, legs: { agent: legSettings(agentAt, 101) } });
  }
});

afterEach(() => {
  host.close();
  vi.useRealTimers();
});

test('Every call has its slow round within a second or so, and never all of them at once', () => {
  vi.advanceTimersByTime(3300);
  expect(new Set(lost.map(({ call, leg }) => `${call} ${leg}`)).size).toBe(2 * calls);
  expect(lost).toHaveLength(2 * calls);
  const atOnce = lost.filter(({ at }) => at === lost[0]?.at).length;
  expect(atOnce).toBeLessThanOrEqual(2 * 8);
});

test('The round goes on while calls come and go in the middle of it', async () => {
  vi.advanceTimersByTime(500);
  for (let call = 1; call <= calls; call += 2) await host.handle('call.close', { call });
  vi.advanceTimersByTime(3300);
  const left = Array.from({ length: calls / 2 }, (_, n) => 2 * (n + 1));
  expect([...new Set(lost.map(({ call }) => call))].sort((a, b) => a - b)).toEqual(left);
});
