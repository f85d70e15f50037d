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

const settled = (look: () => void) => vi.waitFor(look, { timeout: 10_000 });

/** Two gateways on one bus, and what they have heard. */
class OnBus {
  place!: BusPlace;
  one!: GatewayBus;
  two!: GatewayBus;
  heardOne = new HeardOnBus();
  heardTwo = new HeardOnBus();

  async open(open: () => Promise<BusPlace>): Promise<void> {
    this.place = await open();
    await this.place.forgetAll();
    [this.one, this.two] = [this.place.bus('one.a', 'one'), this.place.bus('two.b', 'two')];
    [this.heardOne, this.heardTwo] = [new HeardOnBus(), new HeardOnBus()];
    this.one.start(this.heardOne);
    this.two.start(this.heardTwo);
    await settled(() => expect([this.heardOne.ups, this.heardTwo.ups]).toEqual([1, 1]));
  }

  /** Both have said that they are there: what a gateway says of its own calls is not taken otherwise. */
  async leased(ms = 60_000): Promise<void> {
    await Promise.all([this.one.beat(ms), this.two.beat(ms)]);
  }

  async close(): Promise<void> {
    await this.one.close();
    await this.two.close();
  }
}

/** What every bus between gateways has promised (`GatewayBus`). */
export function keepsItsPromises(name: string, open: () => Promise<BusPlace>): void {
  describe(`a bus of gateways ${name}`, () => {
    const on = new OnBus();
    beforeEach(() => on.open(open));
    afterEach(() => on.close());
    numbersEvents(on);
    keepsEvents(on);
    knowsGateways(on);
    claims(on);
    findsAndReaches(on);
  });
}

function numbersEvents(on: OnBus): void {
  test('numbers events one by one for who follows, wherever they come from, and tells everybody of them', async () => {
    await on.leased();
    const { seq } = await on.two.open('1001', 0);
    await on.one.append(change('a'));
    await on.two.append(change('b', { gateway: 'two.b' }));
    await settled(() =>
      expect(on.heardTwo.entries).toEqual([
        { scope: '1001', seq: seq + 1, text: 'event of a' },
        { scope: '1001', seq: seq + 2, text: 'event of b' },
      ]),
    );
    expect(on.heardOne.entries).toEqual([]);
    expect(await on.one.open('1001', 0)).toEqual({
      seq: seq + 2,
      entries: ['event of a', 'event of b'],
      calls: expect.arrayContaining(['call a', 'call b']),
    });
  });

  test('tells a scope that the call is not in, or not any more, what is meant for that', async () => {
    await on.leased();
    await on.two.open('1001', 0);
    await on.one.append(change('a'));
    await on.two.open('1002', 0);
    await on.two.open('*', 0);
    const moved = { agent: '1002', text: 'call a, moved' };
    await on.one.append(
      change('a', { held: moved, scopes: ['1001', '1002', '*'], entries: [{ text: 'T', apart: 'A' }] }),
    );
    await settled(() => expect(on.heardTwo.entries).toHaveLength(4));
    const told = on.heardTwo.entries.slice(1).map(({ scope, text }) => [scope, text]);
    expect(told).toEqual([
      ['1001', 'A'],
      ['1002', 'T'],
      ['*', 'T'],
    ]);
    expect(await on.one.callsOf('1001')).toEqual([]);
    expect(await on.one.callsOf('1002')).toEqual(['call a, moved']);
  });
}

function keepsEvents(on: OnBus): void {
  test('keeps no events for a scope that nobody follows, but its calls, and those of everybody', async () => {
    await on.one.beat(60_000);
    await on.one.append(change('a'));
    expect(await on.two.callsOf('1001')).toEqual(['call a']);
    expect(await on.two.callsOf('*')).toEqual(['call a']);
    expect((await on.two.open('1001', 0)).entries).toEqual([]);
    await on.one.append(change('a', { held: 'gone' }));
    expect(await on.two.callsOf('*')).toEqual([]);
  });

  test('begins above any number that somebody has given, and never goes back', async () => {
    await on.leased();
    const { seq } = await on.one.open('1001', 0);
    expect((await on.two.open('1001', seq + 5_000)).seq).toBe(seq + 5_000);
    expect((await on.one.open('1001', 0)).seq).toBe(seq + 5_000);
    await on.one.append(change('a'));
    expect((await on.one.open('1001', 0)).seq).toBe(seq + 5_001);
  });

  test('keeps the last 256 events, without a gap', async () => {
    await on.leased();
    await on.two.open('1001', 0);
    const texts = Array.from({ length: 300 }, (_, n) => `event ${n}`);
    await Promise.all(texts.map((text) => on.one.append(change('a', { entries: [{ text, apart: '' }] }))));
    expect((await on.two.open('1001', 0)).entries).toEqual(texts.slice(-256));
  });
}

function knowsGateways(on: OnBus): void {
  test('knows who has a lease, who has not any more, and whether it has forgotten somebody', async () => {
    expect(await on.one.beat(2_000)).toEqual({ known: false, alive: 1, missing: [] });
    expect(await on.two.beat(60_000)).toEqual({ known: false, alive: 2, missing: [] });
    expect(await on.one.beat(2_000)).toMatchObject({ known: true });
    await on.place.pass(2_500);
    expect(await on.two.beat(60_000)).toEqual({ known: true, alive: 1, missing: [{ gateway: 'one.a', chain: 'one' }] });
    await on.two.forget('one.a');
    expect(await on.two.beat(60_000)).toMatchObject({ alive: 1, missing: [] });
    expect(await on.one.beat(2_000)).toMatchObject({ known: false });
    await on.place.forgetAll();
    expect(await on.two.beat(60_000)).toMatchObject({ known: false });
  });

  test('counts who had the same chain before as missing at once', async () => {
    await on.one.beat(60_000);
    const again = on.place.bus('one.c', 'one');
    again.start(new HeardOnBus());
    await settled(() => expect(again.up).toBe(true));
    expect((await again.beat(60_000)).missing).toEqual([{ gateway: 'one.a', chain: 'one' }]);
    await again.close();
  });

  test('forgets no gateway that has calls or that lives', async () => {
    await on.one.beat(2_000);
    await on.two.beat(60_000);
    await on.one.append(change('a'));
    await on.two.forget('one.a');
    await on.place.pass(2_500);
    await on.two.forget('one.a');
    expect((await on.two.beat(60_000)).missing).toEqual([{ gateway: 'one.a', chain: 'one' }]);
    expect(await on.two.heldBy('one.a')).toEqual([{ callId: 'a', text: 'call a' }]);
  });

  test('believes a gateway nothing of its own calls while it has no lease: it may have been buried', async () => {
    await on.leased(2_000);
    await on.two.open('1001', 0);
    await on.place.pass(2_500);
    await expect(on.one.append(change('a'))).rejects.toMatchObject({ code: 'gateway-unreachable' });
    expect(await on.two.callsOf('1001')).toEqual([]);
    await on.one.beat(60_000);
    await on.one.append(change('a'));
    await settled(() => expect(on.heardTwo.entries).toHaveLength(1));
  });
}

function claims(on: OnBus): void {
  test('gives an id to who claims it first, until that is dead', async () => {
    await on.one.beat(2_000);
    await on.two.beat(60_000);
    const claim = (bus: GatewayBus) => bus.claim('p', 60_000);
    expect(new Set(await Promise.all([on.one, on.two, on.one, on.two].map(claim))).size).toBe(1);
    expect(await on.one.claim('q', 60_000)).toBe('one.a');
    expect(await on.two.claim('q', 60_000)).toBe('one.a');
    await on.place.pass(2_500);
    expect(await on.two.claim('q', 60_000)).toBe('two.b');
    expect(await on.one.claim('q', 60_000)).toBe('two.b');
  });

  test('gives an id to the gateway that is wanted, if that lives and no other has it', async () => {
    await on.one.beat(2_000);
    await on.two.beat(60_000);
    expect(await on.one.claim('p', 60_000, 'two.b')).toBe('two.b');
    expect(await on.one.claim('p', 60_000, 'one.a')).toBe('two.b');
    expect(await on.one.claim('q', 60_000, 'gone.c')).toBe('one.a');
    await on.place.pass(2_500);
    expect(await on.two.claim('q', 60_000, 'one.a')).toBe('two.b');
  });
}

function findsAndReaches(on: OnBus): void {
  test('lets one of many who bury a call succeed, and one of many who burn a ticket', async () => {
    await on.leased(2_000);
    await on.one.append(change('a'));
    const bury = (bus: GatewayBus) => bus.append(change('a', { held: 'gone', onlyIfHeld: true }));
    expect(await bury(on.two)).toBe(false);
    await on.place.pass(2_500);
    const buried = await Promise.all([on.one, on.two, on.one, on.two].map(bury));
    expect(buried.filter(Boolean)).toHaveLength(1);
    await on.one.keep('ticket', 'grant', 60_000);
    expect(await on.two.look('ticket')).toBe('grant');
    const taken = await Promise.all([on.one, on.two, on.one, on.two].map((bus) => bus.take('ticket')));
    expect(taken.filter((text) => text !== undefined)).toEqual(['grant']);
    expect(await on.two.look('ticket')).toBeUndefined();
  });

  test('finds the gateway of a call, a session and a placed id, and reaches it, or says that nobody was there', async () => {
    await on.leased();
    await on.one.append(change('a', { ids: ['a', 's'] }));
    await on.two.place('p', 60_000);
    expect(await Promise.all(['a', 's', 'p', 'x'].map((id) => on.one.holderOf(id)))).toEqual([
      'one.a',
      'one.a',
      'two.b',
      undefined,
    ]);
    expect(await on.one.send('two.b', 'hello')).toBe(true);
    expect(await on.one.send('three.c', 'hello')).toBe(false);
    await settled(() => expect(on.heardTwo.messages).toEqual(['hello']));
  });

  test('says that a scope is to be looked at anew where there was a change without an event', async () => {
    await on.leased();
    await on.two.open('1001', 0);
    await on.one.append(change('a', { entries: [] }));
    await settled(() => expect(on.heardTwo.anews).toEqual(['1001']));
    expect(on.heardTwo.entries).toEqual([]);
  });

  test('carries text of any kind as it was written', async () => {
    await on.leased();
    const text = '{"a":"線路 \\u0000 é\\n\\r\\n 17 "}';
    await on.two.open('1001', 0);
    await on.one.append(change('a', { held: { agent: '1001', text }, entries: [{ text, apart: '' }] }));
    await settled(() => expect(on.heardTwo.entries.map((entry) => entry.text)).toEqual([text]));
    expect(await on.two.callsOf('1001')).toEqual([text]);
  });
}
