import { describe, expect, it } from 'vitest';
import { newCallId, newSessionId } from '../../../src/shared/ids.ts';
import { openedDoor, type Sent } from '../../support/paper-link.ts';
import { samplePolicy } from '../../support/room-bench.ts';

const call = newCallId();
const session = newSessionId();
const silentLeg = { received: 0, sent: 0, lost: 0, jitterMs: 0, refused: 0 };

describe('calls that end', () => {
  const report = { caller: silentLeg, agent: silentLeg };
  const named = (message: unknown): unknown[] => (message as Sent[]).map(({ kind, ask }) => [kind, ask]);

  it('one after the other end in company, and each with its own answer', async () => {
    const { door, link, clock } = await openedDoor();
    const [first, second, third] = [newCallId(), newCallId(), newCallId()];
    const ends = [first, second, third].map((one) => door.endCall(one));
    expect(link.sent.slice(1).map(named)).toEqual([[['call.end', { call: first }]]]);
    clock.advance(40);
    expect(link.sent.slice(2).map(named)).toEqual([
      [
        ['call.end', { call: second }],
        ['call.end', { call: third }],
      ],
    ]);
    for (const { id } of link.sent.slice(1).flat() as Sent[]) link.say({ id, ok: true, answer: report });
    expect(await Promise.all(ends)).toEqual([report, report, report]);
  });

  it('do not wait where the room may hold what was keyed on them', async () => {
    const { door, link } = await openedDoor();
    void door.endCall(newCallId());
    void door.openField(call, session, 'pan', samplePolicy);
    link.answer(null);
    void door.endCall(call);
    expect(link.sent.at(-1)).toMatchObject({ kind: 'call.end', ask: { call } });
  });

  it('are told to a room that is about to close before that', async () => {
    const { door, link, clock } = await openedDoor();
    const ends = [newCallId(), newCallId()].map((one) => door.endCall(one).catch(() => 'lost'));
    const closing = door.close();
    expect(named(link.sent.at(-2))).toHaveLength(1);
    expect(link.sent.at(-1)?.kind).toBe('room.close');
    link.end('exit 0');
    await closing;
    expect(await Promise.all(ends)).toEqual(['lost', 'lost']);
    expect(clock.pending).toBe(0);
  });

  it('when the room is gone wait for nobody', async () => {
    const { door, link, clock } = await openedDoor();
    const ends = [newCallId(), newCallId()].map((one) => door.endCall(one).catch(() => 'lost'));
    link.end('signal SIGKILL');
    expect(await Promise.all(ends)).toEqual(['lost', 'lost']);
    expect(clock.pending).toBe(0);
    expect(link.sent).toHaveLength(2);
  });
});
