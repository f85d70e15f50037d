import { expect, test } from 'vitest';
import { newCallId } from '../../src/shared/ids.ts';
import { mediaCall, pause, somePorts, watchedEngine } from '../support/media-call.ts';

test.each(['auto', 'dgram'] as const)(
  'by %s: a telephone that talks and keys on after its call is over is not heard in the next one on its ports',
  async (io) => {
    const [first] = somePorts();
    // Room for one call: the next must take the same ports, once they have rested.
    const { engine, presses } = await watchedEngine({ io, ports: [first, first + 3], portQuarantineMs: 150 });
    const old = await mediaCall(engine);
    old.caller.talk('tone');
    await expect.poll(() => old.agent.heard.packets.length, { timeout: 3000 }).toBeGreaterThan(2);
    await engine.endCall(old.id);
    await expect(engine.createCall(newCallId())).rejects.toMatchObject({ code: 'media-failed' });
    await pause(200);
    const call = await mediaCall(engine);
    const ports = [old.caller, old.agent].map(({ remote }) => remote?.port);
    expect(ports).toContain(call.caller.remote?.port);
    call.caller.sound = 'silence';
    call.caller.talk('silence');
    call.agent.talk('silence');
    await engine.secure(call.id);
    await engine.release(call.id);
    await old.caller.press('7', { durationMs: 60 });
    await call.caller.press('3', { durationMs: 60 });
    await expect.poll(() => presses.map(({ key }) => key), { timeout: 3000 }).toEqual([3]);
    expect(call.agent.heard.sounding()).toEqual([]);
    expect(call.caller.heard.sounding()).toEqual([]);
    await Promise.all([call.hangUp(), old.caller.close(), old.agent.close()]);
    await engine.close();
  },
);
