import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { BusChange, BusListener, GatewayBus } from '../../src/gateways/gateway-bus.ts';

/** A bus that two gateways are on, empty at first. */
export interface BusPlace {
  bus(gateway: string, chain: string): GatewayBus;
  /** Everything that it knew is gone. */
  forgetAll(): Promise<void>;
  /** So much time passes on the bus. */
  pass(ms: number): Promise<void>;
}

export class HeardOnBus implements BusListener {
  readonly entries: { scope: string; seq: number; text: string }[] = [];
  readonly anews: string[] = [];
  readonly messages: string[] = [];
  ups = 0;
  downs = 0;

  up(): void {
    this.ups += 1;
  }
  down(): void {
    this.downs += 1;
  }
  entry(scope: string, seq: number, text: string): void {
    this.entries.push({ scope, seq, text });
  }
  anew(scope: string): void {
    this.anews.push(scope);
  }
  message(text: string): void {
    this.messages.push(text);
  }
}

export const change = (callId: string, more: Partial<BusChange> = {}): BusChange => ({
  gateway: 'one.a',
  callId,
  ids: [callId],
  held: { agent: '1001', text: `call ${callId}` },
  scopes: ['1001', '*'],
  entries: [{ text: `event of ${callId}`, apart: `apart of ${callId}` }],
  onlyIfHeld: false,
  ...more,
});

/** What every bus between gateways has promised (`GatewayBus`). */
export function keepsItsPromises(name: string, open: () => Promise<BusPlace>): void {
  describe(`a bus of gateways ${name}`, () => {
    let place: BusPlace;
    let one: GatewayBus;
    let two: GatewayBus;
    let heardOne: HeardOnBus;
    let heardTwo: HeardOnBus;
    const settled = (look: () => void) => vi.waitFor(look, { timeout: 10_000 });

    beforeEach(async () => {
      place = await open();
      await place.forgetAll();
      [one, two] = [place.bus('one.a', 'one'), place.bus('two.b', 'two')];
      [heardOne, heardTwo] = [new HeardOnBus(), new HeardOnBus()];
      one.start(heardOne);
      two.start(heardTwo);
      await settled(() => expect([heardOne.ups, heardTwo.ups]).toEqual([1, 1]));
    });
    afterEach(async () => {
      await one.close();
      await two.close();
    });

    test('numbers events one by one for who follows, wherever they come from, and tells everybody of them', async () => {
      const { seq } = await two.open('1001', 0);
      await one.append(change('a'));
      await two.append(change('b', { gateway: 'two.b' }));
      await settled(() =>
        expect(heardTwo.entries).toEqual([
          { scope: '1001', seq: seq + 1, text: 'event of a' },
          { scope: '1001', seq: seq + 2, text: 'event of b' },
        ]),
      );
      expect(heardOne.entries).toEqual([]);
      expect(await one.open('1001', 0)).toEqual({
        seq: seq + 2,
        entries: ['event of a', 'event of b'],
        calls: expect.arrayContaining(['call a', 'call b']),
      });
    });

    test('tells a scope that the call is not in, or not any more, what is meant for that', async () => {
      await two.open('1001', 0);
      await one.append(change('a'));
      await two.open('1002', 0);
      await two.open('*', 0);
      const moved = { agent: '1002', text: 'call a, moved' };
      await one.append(
        change('a', { held: moved, scopes: ['1001', '1002', '*'], entries: [{ text: 'T', apart: 'A' }] }),
      );
      await settled(() => expect(heardTwo.entries).toHaveLength(4));
      const told = heardTwo.entries.slice(1).map(({ scope, text }) => [scope, text]);
      expect(told).toEqual([
        ['1001', 'A'],
        ['1002', 'T'],
        ['*', 'T'],
      ]);
      expect(await one.callsOf('1001')).toEqual([]);
      expect(await one.callsOf('1002')).toEqual(['call a, moved']);
    });

    test('keeps no events for a scope that nobody follows, but its calls, and those of everybody', async () => {
      await one.beat(60_000);
      await one.append(change('a'));
      expect(await two.callsOf('1001')).toEqual(['call a']);
      expect(await two.callsOf('*')).toEqual(['call a']);
      expect((await two.open('1001', 0)).entries).toEqual([]);
      await one.append(change('a', { held: 'gone' }));
      expect(await two.callsOf('*')).toEqual([]);
    });

    test('begins above any number that somebody has given, and never goes back', async () => {
      const { seq } = await one.open('1001', 0);
      expect((await two.open('1001', seq + 5_000)).seq).toBe(seq + 5_000);
      expect((await one.open('1001', 0)).seq).toBe(seq + 5_000);
      await one.append(change('a'));
      expect((await one.open('1001', 0)).seq).toBe(seq + 5_001);
    });

    test('keeps the last 256 events, without a gap', async () => {
      await two.open('1001', 0);
      const texts = Array.from({ length: 300 }, (_, n) => `event ${n}`);
      await Promise.all(texts.map((text) => one.append(change('a', { entries: [{ text, apart: '' }] }))));
      expect((await two.open('1001', 0)).entries).toEqual(texts.slice(-256));
    });

    test('knows who has a lease, who has not any more, and whether it has forgotten somebody', async () => {
      expect(await one.beat(2_000)).toEqual({ known: false, alive: 1, missing: [] });
      expect(await two.beat(60_000)).toEqual({ known: false, alive: 2, missing: [] });
      expect(await one.beat(2_000)).toMatchObject({ known: true });
      await place.pass(2_500);
      expect(await two.beat(60_000)).toEqual({ known: true, alive: 1, missing: [{ gateway: 'one.a', chain: 'one' }] });
      await two.forget('one.a');
      expect(await two.beat(60_000)).toMatchObject({ alive: 1, missing: [] });
      expect(await one.beat(2_000)).toMatchObject({ known: false });
      await place.forgetAll();
      expect(await two.beat(60_000)).toMatchObject({ known: false });
    });

    test('counts who had the same chain before as missing at once', async () => {
      await one.beat(60_000);
      const again = place.bus('one.c', 'one');
      again.start(new HeardOnBus());
      await settled(() => expect(again.up).toBe(true));
      expect((await again.beat(60_000)).missing).toEqual([{ gateway: 'one.a', chain: 'one' }]);
      await again.close();
    });

    test('forgets no gateway that has calls or that lives', async () => {
      await one.beat(2_000);
      await two.beat(60_000);
      await one.append(change('a'));
      await two.forget('one.a');
      await place.pass(2_500);
      await two.forget('one.a');
      expect((await two.beat(60_000)).missing).toEqual([{ gateway: 'one.a', chain: 'one' }]);
      expect(await two.heldBy('one.a')).toEqual([{ callId: 'a', text: 'call a' }]);
    });

    test('lets one of many who bury a call succeed, and one of many who burn a ticket', async () => {
      await one.append(change('a'));
      const bury = (bus: GatewayBus) => bus.append(change('a', { held: 'gone', onlyIfHeld: true }));
      const buried = await Promise.all([one, two, one, two].map(bury));
      expect(buried.filter(Boolean)).toHaveLength(1);
      await one.keep('ticket', 'grant', 60_000);
      expect(await two.look('ticket')).toBe('grant');
      const taken = await Promise.all([one, two, one, two].map((bus) => bus.take('ticket')));
      expect(taken.filter((text) => text !== undefined)).toEqual(['grant']);
      expect(await two.look('ticket')).toBeUndefined();
    });

    test('finds the gateway of a call, a session and a placed id, and reaches it, or says that nobody was there', async () => {
      await one.append(change('a', { ids: ['a', 's'] }));
      await two.place('p', 60_000);
      expect(await Promise.all(['a', 's', 'p', 'x'].map((id) => one.holderOf(id)))).toEqual([
        'one.a',
        'one.a',
        'two.b',
        undefined,
      ]);
      expect(await one.send('two.b', 'hello')).toBe(true);
      expect(await one.send('three.c', 'hello')).toBe(false);
      await settled(() => expect(heardTwo.messages).toEqual(['hello']));
    });

    test('says that a scope is to be looked at anew where there was a change without an event', async () => {
      await two.open('1001', 0);
      await one.append(change('a', { entries: [] }));
      await settled(() => expect(heardTwo.anews).toEqual(['1001']));
      expect(heardTwo.entries).toEqual([]);
    });

    test('carries text of any kind as it was written', async () => {
      const text = '{"a":"線路 \\u0000 é\\n\\r\\n 17 "}';
      await two.open('1001', 0);
      await one.append(change('a', { held: { agent: '1001', text }, entries: [{ text, apart: '' }] }));
      await settled(() => expect(heardTwo.entries.map((entry) => entry.text)).toEqual([text]));
      expect(await two.callsOf('1001')).toEqual([text]);
    });
  });
}
