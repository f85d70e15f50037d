import { describe, expect, it } from 'vitest';
import { noticeSchema } from '../../../src/cde/messages.ts';
import { RoomBench } from '../../support/room-bench.ts';

const interval = { ms: 1_000, audioSuppressed: 50, eventsSuppressed: 12, silenceSent: 50, leaks: 0 };

describe('what the room tells of the agent leg', () => {
  it('is every secured interval, and whether it ended with its release or with the call', async () => {
    const bench = await RoomBench.open();
    bench.engine.endLock(bench.call);
    await bench.ask('call.end', { call: bench.call });
    bench.engine.endLock(bench.call);
    expect(bench.notices).toEqual([
      { kind: 'call.secured', call: bench.call, endedBy: 'release', interval },
      { kind: 'call.secured', call: bench.call, endedBy: 'call', interval },
    ]);
    for (const notice of bench.notices) expect(noticeSchema.safeParse(notice).success).toBe(true);
  });

  it('is how keys can come from the customer', async () => {
    const bench = await RoomBench.open();
    bench.engine.hear(bench.call, true, false);
    expect(bench.notices).toEqual([{ kind: 'call.hears', call: bench.call, events: true, tones: false }]);
  });

  it('is each leak, after which the entry goes on where it is to be reported only', async () => {
    const bench = await RoomBench.open();
    await bench.openField('pan');
    bench.engine.press(bench.call, '41');
    bench.engine.leak(bench.call, 'tone');
    bench.engine.press(bench.call, '1');
    expect(bench.notices.map(({ kind }) => kind)).toEqual([
      'field.progress',
      'field.progress',
      'call.leaked',
      'field.progress',
    ]);
  });

  it('is each leak, after which nothing is left of the entry where it is to be stopped; the call stays secured', async () => {
    const bench = await RoomBench.open({ onLeak: 'stop' });
    await bench.openField('pan');
    bench.engine.press(bench.call, '41');
    bench.engine.leak(bench.call, 'tone');
    expect(bench.notices.slice(-2)).toMatchObject([
      { kind: 'call.leaked', what: 'tone' },
      { kind: 'field.failed', reason: 'leak-found', digits: 2 },
    ]);
    expect(bench.engine.securedCalls.has(bench.call)).toBe(true);
    bench.engine.leak(bench.call, 'tone');
    expect(bench.notices.at(-1)).toMatchObject({ kind: 'call.leaked' });
  });
});
