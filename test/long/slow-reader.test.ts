import { expect, test } from 'vitest';
import { callView, openHouse, sessionView } from '../unit/agent/fake-house.ts';
import { SocketClient } from '../unit/agent/socket-client.ts';

test('over a real socket, thousands of updates to a paused reader end in one snapshot with the last number', async () => {
  await using house = await openHouse();
  house.calls.add(callView('c-1', '1001', 's-1'));
  const session = { ...sessionView('s-1', 'c-1', '1001'), details: { reference: 'r'.repeat(8_000) } };
  house.desk.add(session);
  using client = await SocketClient.open(house);
  client.socket.pause();
  for (let n = 0; n < 2_000; n += 1) {
    const event = { type: 'session.changed', session, by: '1001' } as const;
    house.api.publish('1001', event, { callId: 'c-1', sessionId: 's-1' });
    if (n % 100 === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  client.socket.resume();
  const last = client.frames[0].seq + 2_000;
  const frames = await client.seen((seen) => seen.at(-1)?.seq === last);
  expect(frames.at(-1).type).toBe('snapshot');
  expect(frames.length).toBeLessThan(1_000);
  expect(house.observer.framesGathered).toHaveBeenCalled();
  house.api.publish('1001', { type: 'session.closed', session, by: '1001' }, { callId: 'c-1', sessionId: 's-1' });
  await client.seen((seen) => seen.at(-1)?.seq === last + 1);
});
