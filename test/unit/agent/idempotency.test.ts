import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import {
  entriesPerAgent,
  IdempotencyStore,
  replayWindowMs,
  type StoredAnswer,
} from '../../../src/agent/idempotency-store.ts';
import { CodedError } from '../../../src/shared/coded-error.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { ask, callView, type House, openHouse, sessionView } from './fake-house.ts';

const answer = (body: string, status = 200): StoredAnswer => ({ status, mediaType: 'application/json', body });

describe('the store', () => {
  let clock: FakeClock;
  let store: IdempotencyStore;
  beforeEach(() => {
    clock = new FakeClock();
    store = new IdempotencyStore(clock);
  });

  test('keeps the keys of agents apart', async () => {
    await store.run('1001', 'k', 'a', async () => answer('one'));
    const other = await store.run('1002', 'k', 'b', async () => answer('two'));
    expect(other).toEqual({ answer: answer('two'), replayed: false });
  });

  test('forgets a key after its window', async () => {
    await store.run('1001', 'k', 'a', async () => answer('one'));
    clock.advance(replayWindowMs);
    expect(await store.run('1001', 'k', 'b', async () => answer('two'))).toMatchObject({ replayed: false });
    expect(store.size).toBe(1);
  });

  test('does not keep what our own inability caused', async () => {
    await store.run('1001', 'k', 'a', async () => answer('busy', 503));
    expect(store.size).toBe(0);
    expect(await store.run('1001', 'k', 'a', async () => answer('done'))).toMatchObject({ answer: { body: 'done' } });
  });

  test('is bounded per agent, and gives up the oldest first', async () => {
    for (let n = 0; n < entriesPerAgent + 10; n += 1) await store.run('1001', `k${n}`, 'a', async () => answer(`${n}`));
    expect(store.size).toBe(entriesPerAgent);
    expect(await store.run('1001', 'k10', 'a', async () => answer('x'))).toMatchObject({ replayed: true });
    expect(await store.run('1001', 'k0', 'a', async () => answer('x'))).toMatchObject({ replayed: false });
  });

  test('never gives up a key whose command still runs', async () => {
    const running = store.run('1001', 'slow', 'a', () => new Promise(() => {}));
    for (let n = 0; n < entriesPerAgent + 10; n += 1) await store.run('1001', `k${n}`, 'a', async () => answer(''));
    const twin = vi.fn(async () => answer('twice'));
    void store.run('1001', 'slow', 'a', twin);
    await expect(Promise.race([running, Promise.resolve('waits')])).resolves.toBe('waits');
    expect(twin).not.toHaveBeenCalled();
  });

  test('refuses when all places are taken by commands that still run', async () => {
    for (let n = 0; n < entriesPerAgent; n += 1) void store.run('1001', `k${n}`, 'a', () => new Promise(() => {}));
    const refused = store.run('1001', 'more', 'a', async () => answer(''));
    await expect(refused).rejects.toMatchObject({ code: 'overloaded' });
    expect(await store.run('1002', 'k', 'a', async () => answer('ok'))).toMatchObject({ replayed: false });
  });

  test('lets go of a key whose command threw', async () => {
    await expect(store.run('1001', 'k', 'a', () => Promise.reject(new CodedError('overloaded')))).rejects.toThrow();
    expect(store.size).toBe(0);
  });
});

describe('over HTTP', () => {
  let house: House;
  beforeEach(async () => {
    house = await openHouse();
    house.calls.add(callView('c-1', '1001'));
    house.desk.add(sessionView('s-1', 'c-1', '1001'));
  });
  afterEach(() => house[Symbol.asyncDispose]());

  const post = (line: string, key: string, body?: unknown) =>
    ask(house, line, { headers: { 'idempotency-key': key }, body });

  test('the same key with the same body is one command with one answer', async () => {
    const first = await post('POST /v1/sessions/s-1/authorise', 'k-1');
    house.desk.sessions.set('s-1', { ...sessionView('s-1', 'c-1', '1001'), state: 'succeeded' });
    const second = await post('POST /v1/sessions/s-1/authorise', 'k-1');
    expect(second.text).toBe(first.text);
    expect(second.status).toBe(202);
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(house.desk.commands).toHaveLength(1);
  });

  test('a refusal is replayed too', async () => {
    house.desk.onCommand = () => Promise.reject(new CodedError('do-not-resubmit'));
    const first = await post('POST /v1/sessions/s-1/authorise', 'k-1');
    house.desk.onCommand = () => undefined;
    const second = await post('POST /v1/sessions/s-1/authorise', 'k-1');
    expect([first.status, second.status]).toEqual([409, 409]);
    expect(second.json.code).toBe('do-not-resubmit');
  });

  test('the same key with another body, or on another path, is a 409', async () => {
    await post('PATCH /v1/sessions/s-1/details', 'k-1', { amount: 1 });
    const other = await post('PATCH /v1/sessions/s-1/details', 'k-1', { amount: 2 });
    expect(other.json).toMatchObject({ status: 409, code: 'idempotency-key-reused' });
    expect((await post('POST /v1/sessions/s-1/cancel', 'k-1')).json.code).toBe('idempotency-key-reused');
    expect(house.desk.commands).toHaveLength(1);
  });

  test('a twin that comes while the first runs waits for it and runs nothing', async () => {
    let finish = (): void => {};
    house.desk.onCommand = () => new Promise<void>((resolve) => (finish = resolve));
    const both = [1, 2].map(() => post('POST /v1/sessions/s-1/captures', 'k-1', { field: 'pan' }));
    await vi.waitFor(() => expect(house.desk.commands).toHaveLength(1));
    await new Promise((resolve) => setTimeout(resolve, 50));
    finish();
    const answers = await Promise.all(both);
    expect(answers.map(({ status }) => status)).toEqual([202, 202]);
    expect(house.desk.commands).toHaveLength(1);
  });

  test('without a key each request is a command', async () => {
    await ask(house, 'POST /v1/sessions/s-1/cancel');
    await ask(house, 'POST /v1/sessions/s-1/cancel');
    expect(house.desk.commands).toHaveLength(2);
  });

  test.each(['', 'a b', 'é', 'x'.repeat(256)])('a key of the wrong form is a 400: %j', async (key) => {
    const { status } = await post('POST /v1/sessions/s-1/cancel', Buffer.from(key).toString('latin1'));
    expect(status).toBe(400);
  });

  test('presses of the demo phone are neither replayed nor kept', async () => {
    for (let n = 0; n < 2; n += 1) {
      expect((await post('POST /v1/demo/customer/keys', 'k-1', { key: '4' })).status).toBe(202);
    }
    expect(house.demo.pressed).toEqual(['4', '4']);
    expect(house.api.counts().storedAnswers).toBe(0);
  });
});
