import { afterEach, describe, expect, test } from 'vitest';
import { mediaCall, type Watched, watchedEngine } from '../support/media-call.ts';
import { hasCommand, isRoot } from '../support/sipp.ts';
import { WireCapture } from '../support/wire-capture.ts';

const canListen = isRoot && hasCommand('tshark');
/** RFC 3246. */
const expedited = 46;

let wire: WireCapture | undefined;
let watched: Watched | undefined;

afterEach(async () => {
  wire?.dispose();
  await watched?.engine.close();
});

describe.skipIf(!canListen).each(['127.0.0.1', '::1'])('what is sent from %s', (address) => {
  test('carries expedited forwarding, as tshark reads it: relayed sound, events, silence of ours, reports', async () => {
    watched = await watchedEngine({ io: 'epoll', address });
    const { engine, presses } = watched;
    const call = await mediaCall(engine, { address }, { address });
    const [toCaller, toAgent] = [call.caller.remote?.port ?? 0, call.agent.remote?.port ?? 0];
    wire = await WireCapture.start(`udp portrange ${Math.min(toCaller, toAgent)}-${Math.max(toCaller, toAgent) + 1}`);
    call.caller.talk('tone');
    call.agent.talk('tone');
    await expect.poll(() => call.agent.heard.packets.length, { timeout: 5000 }).toBeGreaterThan(5);
    await call.caller.press('5', { durationMs: 60 });
    await expect.poll(() => call.agent.heard.events().length, { timeout: 5000 }).toBeGreaterThan(0);
    await engine.secure(call.id);
    const secured = performance.now();
    await expect.poll(() => call.agent.heard.between(secured).length, { timeout: 5000 }).toBeGreaterThan(5);
    expect(presses).toHaveLength(1);
    // A call that ends says so by RTCP.
    await call.hangUp();
    await wire.stop();
    for (const port of [toCaller, toAgent]) {
      const points = wire.codePointsFrom(port);
      expect(points.length).toBeGreaterThan(10);
      expect(new Set(points)).toEqual(new Set([expedited]));
      expect(new Set(wire.codePointsFrom(port + 1))).toEqual(new Set([expedited]));
    }
  });
});
