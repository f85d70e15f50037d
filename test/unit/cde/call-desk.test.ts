import { describe, expect, it } from 'vitest';
import { newCallId } from '../../../src/shared/ids.ts';
import { RoomBench } from '../../support/room-bench.ts';

const relay = 'application/dtmf-relay';
const visa = '4111111111111111';

describe('keys', () => {
  it('count once, by events, tones and INFO together', async () => {
    const bench = await RoomBench.open();
    await bench.openField('pan');
    for (const digit of visa) {
      bench.engine.press(bench.call, digit, 'event');
      bench.clock.advance(40);
      bench.engine.press(bench.call, digit, 'tone');
      bench.clock.advance(80);
      const body = `Signal=${digit}\r\nDuration=120\r\n`;
      await bench.ask('info.received', { call: bench.call, leg: 'caller', contentType: relay, body });
      bench.clock.advance(80);
    }
    bench.clock.advance(2_000);
    expect(bench.notices.at(-1)).toMatchObject({ kind: 'field.completed', digits: 16, lastFour: '1111' });
  });

  it('of the agent are ignored, by whatever way they come', async () => {
    const bench = await RoomBench.open();
    await bench.openField('pan');
    bench.engine.press(bench.call, '4111', 'event', 'agent');
    await bench.ask('info.received', { call: bench.call, leg: 'agent', contentType: relay, body: 'Signal=4' });
    expect(bench.notices).toEqual([]);
  });

  it('of another call do not enter', async () => {
    const bench = await RoomBench.open();
    const other = newCallId();
    await bench.ask('call.begin', { call: other, leg: 'caller', sdp: null });
    await bench.openField('pan');
    bench.engine.press(other, '4111');
    expect(bench.notices).toEqual([]);
  });

  it('that have no field to go to are told of while the call is secured, and pass while it is not', async () => {
    const bench = await RoomBench.open();
    bench.engine.press(bench.call, '4');
    expect(bench.notices).toEqual([]);
    await bench.capture('pan', `${visa}#5`);
    expect(bench.notices.at(-1)).toEqual({ kind: 'incident', word: 'press-ignored', call: bench.call });
  });
});

describe('a SIP INFO', () => {
  const info = (bench: RoomBench, leg: 'caller' | 'agent' = 'caller', contentType = relay) =>
    bench.ask('info.received', { call: bench.call, leg, contentType, body: 'Signal=4\r\nDuration=100' });

  it('passes while nothing is secured, either way', async () => {
    const bench = await RoomBench.open();
    bench.clock.advance(5_000);
    expect([await info(bench), await info(bench, 'agent')]).toEqual([{ passOn: true }, { passOn: true }]);
  });

  it('never passes while the call is secured, whatever its type', async () => {
    const bench = await RoomBench.open();
    await bench.openField('pan');
    const answers = [await info(bench), await info(bench, 'agent'), await info(bench, 'caller', 'text/plain')];
    expect(answers).toEqual(Array(3).fill({ passOn: false }));
  });

  it('with a key does not pass just after the release: it may be the late copy of a captured one', async () => {
    const bench = await RoomBench.open();
    await bench.capture('pan', `${visa}#`);
    bench.clock.advance(700);
    expect(await info(bench)).toEqual({ passOn: false });
    bench.clock.advance(301);
    expect(await info(bench)).toEqual({ passOn: true });
  });

  it('with a key does not pass between captures where those are dropped; others do', async () => {
    const bench = await RoomBench.open({ betweenCaptures: 'drop' });
    bench.clock.advance(5_000);
    expect(await info(bench)).toEqual({ passOn: false });
    expect(await info(bench, 'caller', 'application/media_control+xml')).toEqual({ passOn: true });
  });

  it('that cannot be read is told of, and passes no more easily', async () => {
    const bench = await RoomBench.open();
    await bench.openField('pan');
    const body = 'Signal=many';
    const ask = { call: bench.call, leg: 'caller', contentType: relay, body } as const;
    expect(await bench.ask('info.received', ask)).toEqual({ passOn: false });
    expect(bench.notices).toEqual([{ kind: 'incident', word: 'bad-info-body', call: bench.call }]);
  });
});
