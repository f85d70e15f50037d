import { describe, expect, test } from 'vitest';
import { agent1001, DeskBench, fullDetails } from '../../support/desk-bench.ts';
import { settle } from '../../support/fake-clock.ts';

const fail = (bench: DeskBench, id: string, reason: 'overall-timeout' | 'check-digit'): void => {
  const session = bench.room.open.get(bench.call.id)?.session;
  expect(session).toBe(id);
  bench.room.open.delete(bench.call.id);
  if (session === undefined) return;
  bench.desk.fieldNotice({ kind: 'field.failed', call: bench.call.id, session, field: 'pan', digits: 7, reason });
};

describe('a capture', () => {
  test('is locked, counted in asterisks, ticked and unlocked, and the state follows (P-39…P-50)', async () => {
    const bench = new DeskBench();
    const id = await bench.open(fullDetails);
    bench.told();
    await bench.desk.requestCapture(id, 'pan', agent1001);
    expect(bench.view(id)).toMatchObject({ state: 'locked', locked: true, capturing: 'pan' });
    bench.desk.fieldNotice({ kind: 'field.progress', call: bench.call.id, session: id, field: 'pan', digits: 4 });
    await settle();
    expect(bench.last('capture.progress')).toEqual({ type: 'capture.progress', field: 'pan', digits: 4, mask: '****' });
    expect(bench.view(id).fields['pan']).toMatchObject({ state: 'capturing', digits: 4, mask: '****' });
    bench.complete('pan');
    await settle();
    expect(bench.last('capture.completed')).toMatchObject({ digits: 16, brand: 'visa', lastFour: '1111' });
    expect(bench.told()).toEqual(['capture.locked', 'capture.progress', 'capture.completed', 'capture.unlocked']);
    expect(bench.view(id)).toMatchObject({ state: 'details', locked: false, missing: ['cvc'] });
    expect(bench.room.locked.size).toBe(0);
  });

  test('answers and announces only what the room has confirmed (P-40)', async () => {
    const bench = new DeskBench();
    const id = await bench.open(fullDetails);
    bench.told();
    bench.room.held.add('openField').add('release');
    let answered = false;
    const request = bench.desk.requestCapture(id, 'pan', agent1001).then(() => {
      answered = true;
    });
    await settle();
    expect([answered, bench.told(), bench.view(id).locked]).toEqual([false, [], false]);
    bench.room.questions[0]?.answer();
    await request;
    bench.complete('pan');
    await settle();
    expect(bench.told()).toEqual(['capture.locked', 'capture.completed']);
    expect(bench.view(id).locked).toBe(true);
    bench.room.questions[0]?.answer();
    await settle();
    expect(bench.told()).toEqual(['capture.unlocked']);
  });

  test('that fails keeps nothing and may be asked for again, as often as configured (P-44…P-46, O-11)', async () => {
    const bench = new DeskBench({ maxRequests: 2 });
    const id = await bench.open(fullDetails);
    await bench.desk.requestCapture(id, 'pan', agent1001);
    fail(bench, id, 'overall-timeout');
    await settle();
    expect(bench.view(id).fields['pan']).toMatchObject({
      state: 'failed',
      digits: 0,
      mask: '',
      reason: 'overall-timeout',
    });
    await bench.take(id, 'pan');
    expect(bench.view(id).fields['pan']).toMatchObject({ state: 'complete', digits: 16 });
    const third = bench.desk.requestCapture(id, 'pan', agent1001);
    await expect(third).rejects.toMatchObject({ code: 'too-many-requests' });
  });

  test('of a code needs the number first, and only one runs at a time (P-49)', async () => {
    const bench = new DeskBench();
    const id = await bench.open(fullDetails);
    const request = (field: 'pan' | 'cvc' | 'expiry') => bench.desk.requestCapture(id, field, agent1001);
    await expect(request('cvc')).rejects.toMatchObject({ code: 'cvc-before-pan' });
    await expect(request('expiry')).rejects.toMatchObject({ code: 'field-not-captured-by-keypad' });
    await request('pan');
    await expect(request('pan')).rejects.toMatchObject({ code: 'capture-running' });
    await expect(bench.desk.authorise(id, agent1001)).rejects.toMatchObject({ code: 'capture-running' });
    await bench.desk.changeDetails(id, { reference: 'while the customer keys' }, agent1001);
  });

  test('of another number makes the code of the old one void', async () => {
    const bench = new DeskBench();
    const id = await bench.ready();
    await bench.desk.requestCapture(id, 'pan', agent1001);
    expect(bench.room.holdings(id)).toEqual([]);
    bench.complete('pan');
    await settle();
    expect(bench.view(id).missing).toEqual(['cvc']);
  });

  test('is stopped by the agent; the command is over when the lock is', async () => {
    const bench = new DeskBench();
    const id = await bench.open(fullDetails);
    await expect(bench.desk.stopCapture(id, agent1001)).rejects.toMatchObject({ code: 'no-capture' });
    await bench.desk.requestCapture(id, 'pan', agent1001);
    bench.told();
    await bench.desk.stopCapture(id, agent1001);
    expect(bench.told()).toEqual(['capture.failed', 'capture.unlocked']);
    expect(bench.room.log.slice(-3)).toEqual(['stopField', 'wipe', 'release']);
  });

  test('that cannot be locked is refused with the room’s code, and the lock is released all the same', async () => {
    const bench = new DeskBench();
    const id = await bench.open(fullDetails);
    bench.told();
    bench.room.faults.set('openField', ['media-failed']);
    await expect(bench.desk.requestCapture(id, 'pan', agent1001)).rejects.toMatchObject({ code: 'media-failed' });
    await settle();
    expect([bench.told(), bench.room.locked.size, bench.desk.counts().capturing]).toEqual([[], 0, 0]);
    await bench.take(id, 'pan');
  });

  test('is not begun when it could not be written down', async () => {
    const bench = new DeskBench();
    const id = await bench.open(fullDetails);
    bench.book.failures.evidence = 3;
    await expect(bench.desk.requestCapture(id, 'pan', agent1001)).rejects.toMatchObject({ code: 'storage-failed' });
    expect(bench.room.log).not.toContain('openField');
  });

  test('whose lock does not end stays locked and is released again until the room confirms', async () => {
    const bench = new DeskBench();
    const id = await bench.open(fullDetails);
    await bench.desk.requestCapture(id, 'pan', agent1001);
    bench.room.faults.set('release', ['media-failed', 'timed-out']);
    bench.complete('pan');
    await settle();
    expect(bench.view(id)).toMatchObject({ state: 'locked', locked: true });
    await bench.clock.run(bench.settings.roomRetryMs * 2);
    expect(bench.view(id)).toMatchObject({ state: 'details', locked: false });
    expect(bench.told().at(-1)).toBe('capture.unlocked');
  });

  test('of an expiry fills in the detail that the agent would have typed', async () => {
    const bench = new DeskBench({ byKeypad: ['expiry'] });
    const id = await bench.open({ cardholder: 'A', type: 'charge', amount: 1 });
    await bench.desk.requestCapture(id, 'expiry', agent1001);
    const about = { call: bench.call.id, session: id, field: 'expiry' as const };
    bench.desk.fieldNotice({
      kind: 'field.completed',
      ...about,
      digits: 4,
      brand: null,
      lastFour: null,
      card: null,
      doubled: null,
      value: '12/30',
    });
    await settle();
    expect(bench.view(id)).toMatchObject({ details: { expiry: '12/30' }, missing: ['pan', 'cvc'] });
  });

  test('a command whose room does not answer hears timed-out, and nothing is undone by that', async () => {
    const bench = new DeskBench();
    const id = await bench.open(fullDetails);
    bench.room.held.add('openField');
    const request = bench.desk.requestCapture(id, 'pan', agent1001);
    const refused = expect(request).rejects.toMatchObject({ code: 'timed-out' });
    await bench.clock.run(bench.settings.commandWaitMs);
    await refused;
    bench.room.questions[0]?.answer();
    await settle();
    expect(bench.view(id).locked).toBe(true);
  });

  test('leaves the secured interval in the evidence, with who asked for it from where, and no digit', async () => {
    const bench = new DeskBench();
    await bench.ready();
    expect(bench.book.evidenced).toContainEqual(
      expect.objectContaining({ what: 'capture.requested:pan', who: '1001', origin: '192.0.2.1' }),
    );
    expect(bench.book.evidenced).toContainEqual(
      expect.objectContaining({ what: 'capture.released:pan', secured: expect.objectContaining({ silenceSent: 50 }) }),
    );
  });
});
