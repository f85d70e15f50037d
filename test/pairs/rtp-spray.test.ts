import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openForkedLink } from '../../src/cde/media/embedded/forked-link.ts';
import { mediaCall, pause, somePorts, watchedEngine } from '../support/media-call.ts';
import { mayMakeNetworks, NetStranger } from '../support/net-stranger.ts';
import { rtp } from '../support/rtp-phone.ts';

/*
 * The two attacks of CVE-2025-53399 on a call that goes on, from a host of its own: RTP bleed (our packets go to whoever
 * sends some) and RTP injection (his are heard, or his keys counted), by spraying every port of the engine.
 */
const possible = mayMakeNetworks();
const injected = Buffer.alloc(160, 0x2a);
const number = 100 + (process.pid % 100);
let stranger: NetStranger;

beforeAll(() => {
  if (possible) stranger = new NetStranger(number);
});

afterAll(() => stranger?.close());

const sprayed = [
  ...Array.from({ length: 4 }, (_, i) => rtp(0, false, i, 160 * i, 5, injected)),
  rtp(101, true, 5, 800, 5, Buffer.from([7, 0x0a, 0, 160])),
  Buffer.from([0x80, 201, 0, 1, 0, 0, 0, 9]),
];

describe.skipIf(!possible).each([
  ['auto', 'strict'],
  ['epoll', 'strict'],
  ['epoll', 'learnOnce'],
  ['dgram', 'strict'],
  ['dgram', 'learnOnce'],
] as const)('by %s with the source policy %s', (io, sourcePolicy) => {
  test.each([
    ['before anybody has spoken', false],
    ['while both speak', true],
  ])('a stranger who sprays %s gets no byte, is not heard, and his keys do not count', async (_, spoken) => {
    const ports = somePorts();
    const address = stranger.here;
    const range: readonly [number, number] = [ports[0], ports[0] + 15];
    const watched = await watchedEngine({ io, sourcePolicy, address, ports: range }, openForkedLink);
    const call = await mediaCall(watched.engine, { address }, { address });
    const talk = () => {
      call.caller.talk('tone');
      call.agent.talk('tone');
    };
    if (spoken) talk();
    if (spoken) await pause(200);
    const all = Array.from({ length: 16 }, (__, i) => ports[0] + i);
    const spraying = stranger.spray(all, sprayed, 1500);
    await pause(1000);
    if (!spoken) talk();
    expect(await spraying).toBe(0);
    await pause(200);
    const heard = [call.caller, call.agent].flatMap((phone) => phone.heard.packets);
    expect(heard.filter(({ payload }) => payload.equals(injected))).toHaveLength(0);
    expect(watched.presses).toHaveLength(0);
    for (const phone of [call.caller, call.agent]) expect(phone.heard.sounding().length).toBeGreaterThan(10);
    await call.caller.press('3', { durationMs: 60 });
    await expect.poll(() => watched.presses.map(({ key }) => key), { timeout: 2000 }).toEqual([3]);
    const report = await watched.engine.endCall(call.id);
    if (io !== 'dgram' && spoken) {
      expect(report.caller.refused).toBeGreaterThan(100);
      expect(report.agent.refused).toBeGreaterThan(100);
    }
    expect(report.caller.lost + report.agent.lost).toBe(0);
    await Promise.all([call.caller.close(), call.agent.close(), watched.engine.close()]);
  });
});
