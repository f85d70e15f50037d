import { describe, expect, it } from 'vitest';
import { liveWipeables } from '../../../src/cde/entry/wipe-registry.ts';
import { CodedError } from '../../../src/shared/coded-error.ts';
import { newCallId, newSessionId } from '../../../src/shared/ids.ts';
import { deferred } from '../../support/deferred.ts';
import { settle } from '../../support/fake-clock.ts';
import { RoomBench, samplePolicy } from '../../support/room-bench.ts';

const relay = 'application/dtmf-relay';
const visa = '4111111111111111';

describe('opening a field', () => {
  it('secures the call first, and answers only when it is secured and open', async () => {
    const bench = await RoomBench.open();
    const secured = deferred<void>();
    bench.engine.instead.set('secure', () => secured.promise);
    let open = false;
    const opening = bench.openField('pan').then(() => {
      open = true;
    });
    await settle();
    bench.engine.press(bench.call, '4');
    expect([open, bench.kinds()]).toEqual([false, ['incident']]);
    secured.resolve();
    await opening;
    bench.engine.press(bench.call, '4');
    expect(bench.notices.at(-1)).toMatchObject({ kind: 'field.progress', digits: 1 });
  });

  it('stays secured without a field when the media side cannot confirm the lock', async () => {
    const bench = await RoomBench.open();
    bench.engine.instead.set('secure', () => Promise.reject(new CodedError('media-failed')));
    await expect(bench.openField('pan')).rejects.toMatchObject({ code: 'media-failed' });
    bench.engine.press(bench.call, '4');
    expect(bench.kinds()).toEqual(['incident']);
    const info = { call: bench.call, leg: 'caller', contentType: relay, body: 'Signal=4' } as const;
    expect(await bench.ask('info.received', info)).toEqual({ passOn: false });
  });

  it.each([
    ['of an unknown call is refused', 'call-not-found', { call: newCallId() }],
    ['of a security code before the card number is refused, and nothing is locked', 'cvc-before-pan', { field: 'cvc' }],
  ] as const)('%s', async (_, code, change) => {
    const bench = await RoomBench.open();
    const ask = { call: bench.call, session: bench.session, field: 'pan', policy: samplePolicy, ...change } as const;
    await expect(bench.ask('field.open', ask)).rejects.toMatchObject({ code });
    expect(bench.engine.told).not.toContain('secure');
  });

  it('is refused while another field of the call is open', async () => {
    const bench = await RoomBench.open();
    await bench.openField('pan');
    await expect(bench.openField('expiry')).rejects.toMatchObject({ code: 'capture-running' });
    bench.engine.press(bench.call, '4');
    expect(bench.notices).toMatchObject([{ kind: 'field.progress', field: 'pan' }]);
  });

  it('comes to nothing when the call ends while the media side works', async () => {
    const bench = await RoomBench.open();
    const secured = deferred<void>();
    bench.engine.instead.set('secure', () => secured.promise);
    const opening = bench.openField('pan').catch((error: unknown) => error);
    await settle();
    await bench.ask('call.end', { call: bench.call });
    secured.resolve();
    expect(await opening).toMatchObject({ code: 'call-not-found' });
    expect(bench.clock.pending).toBe(0);
  });

  it('comes to nothing when the lock is let go while the media side works', async () => {
    const bench = await RoomBench.open();
    const secured = deferred<void>();
    bench.engine.instead.set('secure', () => secured.promise);
    const opening = bench.openField('pan').catch((error: unknown) => error);
    await settle();
    await bench.ask('call.release', { call: bench.call });
    secured.resolve();
    expect(await opening).toMatchObject({ code: 'wrong-state' });
    expect(bench.clock.pending).toBe(0);
  });
});

describe('a captured card', () => {
  it('comes out as brand, last four and counts, and its code as a count (P-43, P-51)', async () => {
    const bench = await RoomBench.open();
    expect(await bench.capture('pan', `${visa}#`)).toMatchObject({
      digits: 16,
      brand: 'visa',
      lastFour: '1111',
      value: null,
    });
    expect(await bench.capture('cvc', '123')).toMatchObject({ digits: 3, brand: null, lastFour: null, value: null });
    expect(JSON.stringify(bench.notices)).not.toMatch(/41111|"123"/);
  });

  it('shows no last four where that is not configured', async () => {
    const bench = await RoomBench.open();
    await bench.openField('pan', { ...samplePolicy, showLastFour: false });
    bench.engine.press(bench.call, `${visa}#`);
    expect(bench.notices.at(-1)).toMatchObject({ kind: 'field.completed', lastFour: null });
  });

  it('of American Express wants a code of four digits', async () => {
    const bench = await RoomBench.open();
    await bench.capture('pan', '378282246310005');
    expect(await bench.capture('cvc', '123#')).toMatchObject({ kind: 'field.failed', reason: 'too-short' });
    expect(await bench.capture('cvc', '1234')).toMatchObject({ kind: 'field.completed', digits: 4 });
  });

  it('is wiped when its field is opened again, with the code that belonged to it (P-46)', async () => {
    const bench = await RoomBench.open();
    await bench.capture('pan', `${visa}#`);
    await bench.capture('cvc', '123');
    await bench.openField('pan');
    expect(bench.vault.size).toBe(0);
    bench.engine.press(bench.call, '4#');
    await bench.ask('call.release', { call: bench.call });
    await expect(bench.openField('cvc')).rejects.toMatchObject({ code: 'cvc-before-pan' });
  });

  it('outlasts a failed security code (P-54)', async () => {
    const bench = await RoomBench.open();
    await bench.capture('pan', `${visa}#`);
    await bench.openField('cvc');
    bench.clock.advance(20_000);
    expect(bench.notices.at(-1)).toMatchObject({ kind: 'field.failed', field: 'cvc', reason: 'first-key-timeout' });
    expect(await bench.capture('cvc', '123')).toMatchObject({ kind: 'field.completed' });
  });

  it.each([
    ['the call ends', (bench: RoomBench) => bench.ask('call.end', { call: bench.call })],
    ['the session is wiped', (bench: RoomBench) => bench.ask('card.wipe', { session: bench.session, fields: null })],
    ['the media process dies', async (bench: RoomBench) => bench.engine.die(bench.call)],
    ['the room closes', (bench: RoomBench) => bench.room.close()],
  ])('is wiped when %s, and so is what is being keyed', async (_, happens) => {
    const before = liveWipeables();
    const bench = await RoomBench.open();
    await bench.capture('pan', `${visa}#`);
    await bench.openField('cvc');
    bench.engine.press(bench.call, '12');
    const held = bench.vault.lend(bench.session);
    const view = held.pan.expose();
    held[Symbol.dispose]();
    await happens(bench);
    expect([...view]).toEqual(Array(16).fill(0));
    expect(bench.vault.size).toBe(0);
    bench.engine.press(bench.call, '3');
    expect(bench.notices.filter(({ kind }) => kind === 'field.completed')).toHaveLength(1);
    await bench.ask('call.end', { call: bench.call });
    expect(liveWipeables()).toBe(before);
    expect(bench.clock.pending).toBe(0);
  });
});

describe('fields that are no secrets', () => {
  it.each([
    ['expiry', '1228', '12/28'],
    ['issueNumber', '07', '07'],
    ['postcode', '1500001#', '1500001'],
    ['keypadTest', '12*4#', null],
  ] as const)('%s gives its value back', async (field, keys, value) => {
    const before = liveWipeables();
    const bench = await RoomBench.open();
    expect(await bench.capture(field, keys)).toMatchObject({ kind: 'field.completed', field, value });
    expect(bench.vault.size).toBe(0);
    await bench.ask('call.end', { call: bench.call });
    expect(liveWipeables()).toBe(before);
  });
});

describe('stopping and losing', () => {
  it('a stopped field is silent, and the call stays secured until it is released', async () => {
    const bench = await RoomBench.open();
    await bench.openField('pan');
    bench.engine.press(bench.call, '41');
    await bench.ask('field.stop', { call: bench.call });
    bench.clock.advance(100_000);
    expect(bench.kinds()).toEqual(['field.progress', 'field.progress']);
    expect(bench.engine.securedCalls.has(bench.call)).toBe(true);
    await bench.openField('pan');
  });

  it.each(['caller', 'agent'] as const)('a field fails when the media of the %s are lost', async (leg) => {
    const bench = await RoomBench.open();
    await bench.openField('pan');
    bench.engine.press(bench.call, '41');
    bench.engine.lose(bench.call, leg);
    expect(bench.notices.slice(2)).toMatchObject([
      { kind: 'field.failed', reason: 'media-lost', digits: 2 },
      { kind: 'media.lost', leg },
    ]);
  });

  it('a call whose media died says so once, and its requests are refused until it is ended', async () => {
    const bench = await RoomBench.open();
    await bench.openField('pan');
    bench.engine.die(bench.call, newCallId());
    bench.engine.die(bench.call);
    expect(bench.kinds()).toEqual(['field.failed', 'call.died']);
    await expect(bench.openField('pan')).rejects.toMatchObject({ code: 'media-lost' });
    await expect(bench.ask('sdp.describeOffer', { call: bench.call, leg: 'agent' })).rejects.toMatchObject({
      code: 'media-lost',
    });
    await bench.ask('call.end', { call: bench.call });
    expect(bench.room.counts()).toEqual({ calls: 0, cards: 0 });
  });

  it('a release wipes an open field before it lets the customer be heard', async () => {
    const before = liveWipeables();
    const bench = await RoomBench.open();
    await bench.openField('pan');
    bench.engine.press(bench.call, '41');
    let atRelease: number | undefined;
    bench.engine.instead.set('release', async () => {
      atRelease = liveWipeables();
    });
    await bench.ask('call.release', { call: bench.call });
    // What is left is the call's press merger.
    expect(atRelease).toBe(before + 1);
    await bench.ask('call.end', { call: bench.call });
  });

  it('a release that a new lock has overtaken does not undo it', async () => {
    const bench = await RoomBench.open();
    await bench.openField('pan');
    const released = deferred<void>();
    bench.engine.instead.set('release', () => released.promise);
    const releasing = bench.ask('call.release', { call: bench.call });
    await settle();
    await bench.openField('pan');
    released.resolve();
    await releasing;
    bench.clock.advance(5_000);
    const ask = { call: bench.call, leg: 'caller', contentType: relay, body: 'Signal=4' } as const;
    expect(await bench.ask('info.received', ask)).toEqual({ passOn: false });
    expect(bench.notices.at(-1)).toMatchObject({ kind: 'field.progress', digits: 1 });
  });

  it('a release that fails leaves the call secured', async () => {
    const bench = await RoomBench.open();
    await bench.openField('pan');
    bench.engine.instead.set('release', () => Promise.reject(new CodedError('media-failed')));
    await expect(bench.ask('call.release', { call: bench.call })).rejects.toMatchObject({ code: 'media-failed' });
    const ask = { call: bench.call, leg: 'caller', contentType: relay, body: 'Signal=4' } as const;
    expect(await bench.ask('info.received', ask)).toEqual({ passOn: false });
  });
});

describe('the calls of the room', () => {
  it('have a limit, and an id stands for one call', async () => {
    const bench = await RoomBench.open({ maxCalls: 2 });
    await expect(bench.ask('call.begin', { call: bench.call, leg: 'caller', sdp: null })).rejects.toMatchObject({
      code: 'wrong-state',
    });
    await bench.ask('call.begin', { call: newCallId(), leg: 'caller', sdp: null });
    await expect(bench.ask('call.begin', { call: newCallId(), leg: 'caller', sdp: null })).rejects.toMatchObject({
      code: 'overloaded',
    });
  });

  it('are not kept when the media side has no room for them', async () => {
    const bench = await RoomBench.open();
    bench.engine.instead.set('createCall', () => Promise.reject(new CodedError('media-failed')));
    await expect(bench.ask('call.begin', { call: newCallId(), leg: 'caller', sdp: null })).rejects.toMatchObject({
      code: 'media-failed',
    });
    expect(bench.room.counts().calls).toBe(1);
  });

  it('may be ended twice, and leave no timer and no buffer', async () => {
    const before = liveWipeables();
    const bench = await RoomBench.open();
    for (let round = 0; round < 50; round += 1) {
      const call = newCallId();
      await bench.ask('call.begin', { call, leg: 'caller', sdp: null });
      await bench.ask('field.open', { call, session: newSessionId(), field: 'pan', policy: samplePolicy });
      bench.engine.press(call, visa.slice(0, round % 17));
      await bench.ask('call.end', { call });
      await bench.ask('call.end', { call });
    }
    await bench.ask('call.end', { call: bench.call });
    expect([liveWipeables(), bench.clock.pending]).toEqual([before, 0]);
    expect(bench.room.counts()).toEqual({ calls: 0, cards: 0 });
  });

  it('take offers and answers to the media side and back', async () => {
    const bench = await RoomBench.open();
    const { call } = bench;
    expect(await bench.ask('sdp.acceptOffer', { call, leg: 'caller', sdp: 'v=0' })).toBeNull();
    expect(await bench.ask('sdp.describeOffer', { call, leg: 'agent' })).toEqual({ sdp: 'offer for agent' });
    expect(await bench.ask('sdp.acceptAnswer', { call, leg: 'agent', sdp: 'v=0' })).toBeNull();
    expect(await bench.ask('sdp.describeAnswer', { call, leg: 'caller' })).toEqual({ sdp: 'answer for caller' });
    await expect(bench.ask('sdp.acceptOffer', { call, leg: 'caller', sdp: '' })).rejects.toMatchObject({
      code: 'not-acceptable-media',
    });
  });
});
