import { describe, expect, it } from 'vitest';
import { type Door, openRoom } from '../../../src/cde/door.ts';
import { maxUnderWay } from '../../../src/cde/request-book.ts';
import type { CardRoom, RefundOrder } from '../../../src/payment/card-room.ts';
import { CodedError } from '../../../src/shared/coded-error.ts';
import { newAttemptId, newCallId, newSessionId } from '../../../src/shared/ids.ts';
import type { MediaPlane } from '../../../src/telephony/media-plane.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';
import { openedDoor as opened, PaperLink, type Sent } from '../../support/paper-link.ts';
import { samplePolicy, sampleRoomSettings } from '../../support/room-bench.ts';

const call = newCallId();
const session = newSessionId();

const refund: RefundOrder = {
  refund: newAttemptId(),
  attempt: newAttemptId(),
  reference: null,
  amount: 100,
  currency: 'JPY',
  whole: false,
};
const notPaid = { answer: 'not-paid' };
const refunded = { outcome: 'refunded', reference: 'R' };

describe('the door', () => {
  it('gives the room its settings first, and is open when the room says so', async () => {
    const { door, link } = await opened();
    expect(link.sent).toEqual([{ settings: sampleRoomSettings }]);
    expect(door.pid).toBe(4711);
  });

  it('is what payments and telephony ask for', async () => {
    const { door } = await opened();
    const both: CardRoom & MediaPlane = door;
    expect(both).toBe(door);
  });

  it.each<[string, (door: Door) => Promise<unknown>, unknown, unknown]>([
    ['call.begin', (door) => door.beginCall(call, 'caller', null), { sdp: 'v=0' }, 'v=0'],
    ['sdp.acceptOffer', (door) => door.acceptOffer(call, 'caller', 'v=0'), null, undefined],
    ['sdp.describeOffer', (door) => door.describeOffer(call, 'agent'), { sdp: 'v=0' }, 'v=0'],
    ['sdp.acceptAnswer', (door) => door.acceptAnswer(call, 'agent', 'v=0'), null, undefined],
    ['sdp.passAnswer', (door) => door.passAnswer(call, 'agent', 'v=0'), { sdp: 'v=0' }, 'v=0'],
    ['sdp.describeAnswer', (door) => door.describeAnswer(call, 'caller'), { sdp: 'v=0' }, 'v=0'],
    ['sdp.rollback', (door) => door.rollback(call, 'caller'), null, undefined],
    ['info.received', (door) => door.infoReceived(call, 'caller', 'a/b', 'x'), { passOn: false }, false],
    ['field.open', (door) => door.openField(call, session, 'pan', samplePolicy), null, undefined],
    ['field.stop', (door) => door.stopField(call), null, undefined],
    ['card.wipe', (door) => door.wipe(session, null), null, undefined],
    ['payment.enquire', (door) => door.enquire(newAttemptId(), 'simulator'), notPaid, notPaid],
    ['payment.void', (door) => door.voidPayment(newAttemptId(), 'simulator', null), { voided: true }, true],
    ['payment.refund', (door) => door.refund('simulator', refund), refunded, refunded],
    ['psp.describe', (door) => door.describePsps(), [], []],
  ])('asks %s and hands the answer on', async (kind, ask, answer, handed) => {
    const { door, link, clock } = await opened();
    const asked = ask(door);
    expect(link.sent.at(-1)?.kind).toBe(kind);
    expect(door.counts().underWay).toBe(1);
    link.answer(answer);
    expect(await asked).toEqual(handed);
    expect([door.counts().underWay, clock.pending]).toEqual([0, 0]);
  });

  it('hands on the code of a refusal', async () => {
    const { door, link } = await opened();
    const asked = door.openField(call, session, 'cvc', samplePolicy);
    link.say({ id: link.sent.at(-1)?.id, ok: false, code: 'cvc-before-pan' });
    await expect(asked).rejects.toEqual(new CodedError('cvc-before-pan'));
  });

  it('hands on notices', async () => {
    const { link, heard } = await opened();
    const notice = { kind: 'field.progress', call, session, field: 'pan', digits: 3 } as const;
    link.say({ notice });
    expect(heard.notices).toEqual([notice]);
  });
});

describe('what the door does not let out', () => {
  const completed = {
    kind: 'field.completed',
    call,
    session,
    digits: 16,
    brand: null,
    lastFour: null,
    card: null,
    doubled: null,
    value: null,
  };

  it.each<[string, unknown]>([
    ['no object', 'hello'],
    ['nothing', undefined],
    ['an unknown notice', { notice: { kind: 'field.digits', digits: '4111' } }],
    [
      'a notice with a place more',
      { notice: { kind: 'field.progress', call, session, field: 'pan', digits: 3, key: 4 } },
    ],
    ['a card number as a value', { notice: { ...completed, field: 'pan', value: '4111111111111111' } }],
    ['a security code as a value', { notice: { ...completed, field: 'cvc', value: '123' } }],
    ['more than four last digits', { notice: { ...completed, field: 'pan', lastFour: '11111' } }],
    ['the last four of a security code', { notice: { ...completed, field: 'cvc', lastFour: '1234' } }],
    [
      'a card number as a count of doubles',
      { notice: { ...completed, field: 'keypadTest', doubled: 4111111111111111 } },
    ],
    ['a card number as the ordinal of a card', { notice: { ...completed, field: 'pan', card: 4111111111111111 } }],
    ['an answer with a code that is none', { id: 1, ok: false, code: '4111111111111111' }],
    ['an error with a text', { id: 1, ok: false, code: 'media-failed', message: '4111' }],
  ])('%s is dropped and counted', async (_, message) => {
    const { door, link, heard } = await opened();
    link.say(message);
    expect(heard).toEqual({ notices: [], deaths: [], bad: 1 });
    expect(door.counts().badMessages).toBe(1);
  });

  it('an answer of the wrong shape ends its request as if the room were lost', async () => {
    const { door, link, heard } = await opened();
    const asked = door.describeOffer(call, 'agent');
    link.answer({ sdp: 'v=0', digits: '4111' });
    await expect(asked).rejects.toMatchObject({ code: 'cde-lost' });
    expect(heard.bad).toBe(1);
  });
});

describe('time at the door', () => {
  it('is limited for each request; a late answer is counted and dropped', async () => {
    const { door, link, clock, heard } = await opened();
    const asked = door.beginCall(call, 'caller', null).catch((error: unknown) => error);
    clock.advance(5_000);
    expect(await asked).toMatchObject({ code: 'timed-out' });
    link.answer(null);
    expect(door.counts()).toEqual({ underWay: 0, late: 1, badMessages: 0 });
    expect(heard.bad).toBe(0);
  });

  it('is longer for an authorisation than the slowest provider may take', async () => {
    const { door, link, clock } = await opened();
    const order = { type: 'charge', amount: 1, currency: 'JPY', details: {}, acceptedSurcharge: null } as const;
    const asked = door.authorise(session, newAttemptId(), 'simulator', order, true);
    clock.advance(35_000);
    link.answer({ outcome: 'unknown', code: 'timed-out' });
    expect(await asked).toEqual({ outcome: 'unknown', code: 'timed-out' });
  });

  it('is not given to more requests than the room can have under way', async () => {
    const { door } = await opened();
    const all = Array.from({ length: maxUnderWay }, () => door.beginCall(call, 'caller', null).catch(() => undefined));
    await expect(door.beginCall(call, 'caller', null)).rejects.toMatchObject({ code: 'overloaded' });
    expect(all).toHaveLength(maxUnderWay);
  });

  it('is given to what lets go of a call or a card all the same', async () => {
    const { door, link } = await opened();
    for (let n = 0; n < maxUnderWay; n += 1) door.beginCall(call, 'caller', null).catch(() => undefined);
    for (const letGo of [door.endCall(call), door.stopField(call), door.wipe(session, null)]) {
      letGo.catch(() => undefined);
    }
    const kinds = (link.sent.flat() as Sent[]).slice(-3).map(({ kind }) => kind);
    expect(kinds).toEqual(['call.end', 'field.stop', 'card.wipe']);
  });
});

describe('a room that ends', () => {
  it('unasked rejects what is under way and what comes after, and says so once', async () => {
    const { door, link, clock, heard } = await opened();
    const under = [door.rollback(call, 'caller'), door.describePsps()].map((one) =>
      one.catch((error: unknown) => error),
    );
    link.end('signal SIGKILL');
    link.end('signal SIGKILL');
    for (const one of await Promise.all(under)) expect(one).toMatchObject({ code: 'cde-lost' });
    await expect(door.release(call)).rejects.toMatchObject({ code: 'cde-lost' });
    expect(heard.deaths).toEqual(['signal SIGKILL']);
    expect(clock.pending).toBe(0);
  });

  it('when it is closed is no death', async () => {
    const { door, link, clock, heard } = await opened();
    const closing = door.close();
    expect(link.sent.at(-1)?.kind).toBe('room.close');
    link.answer(null);
    link.end('exit 0');
    await closing;
    expect([heard.deaths, link.killed, clock.pending]).toEqual([[], false, 0]);
  });

  it('not when it is closed is killed', async () => {
    const { door, link, clock } = await opened();
    const closing = door.close();
    clock.advance(5_000);
    await closing;
    expect(link.killed).toBe(true);
  });
});

describe('a room that does not open', () => {
  const opening = (act: (link: PaperLink, clock: FakeClock) => void, psps: unknown[] = []) => {
    const link = new PaperLink();
    const clock = new FakeClock();
    const deaths: string[] = [];
    const listener = { notice: () => {}, badMessage: () => {}, died: (reason: string) => void deaths.push(reason) };
    const room = openRoom({ ...sampleRoomSettings, psps }, listener, clock, () => link);
    act(link, clock);
    return room.then(
      () => 'open',
      async (error: unknown) => {
        await settle();
        return { code: (error as CodedError).code, deaths };
      },
    );
  };

  it.each<[string, (link: PaperLink, clock: FakeClock) => void, string]>([
    [
      'because its media engine does not start',
      (link) => link.say({ id: 0, ok: false, code: 'media-failed' }),
      'media-failed',
    ],
    ['because its process ends', (link) => link.end('exit 70'), 'cde-lost'],
    ['in time', (_, clock) => clock.advance(40_000), 'cde-lost'],
  ])('%s is an error with a code and no death', async (_, act, code) => {
    expect(await opening(act)).toEqual({ code, deaths: [] });
  });

  it('because a provider has no adapter is an error that names the key', async () => {
    const room = openRoom(
      { ...sampleRoomSettings, psps: [{ id: 'a', adapter: 'elsewhere' }] },
      { notice: () => {}, badMessage: () => {}, died: () => {} },
      new FakeClock(),
      () => new PaperLink(),
    );
    await expect(room).rejects.toMatchObject({ code: 'unknown-psp', about: ['payments.psps.0.adapter'] });
  });
});

it('the door does not open for a provider whose credential is not in the environment, and names the variable', async () => {
  const settings = { ...sampleRoomSettings, psps: [{ id: 'my-shop', adapter: 'stripe' }] };
  const listener = { notice: () => {}, died: () => {}, badMessage: () => {} };
  const opening = openRoom(settings, listener, new FakeClock(), () => new PaperLink());
  await expect(opening).rejects.toThrow('my-shop needs TONELOCK_PSP_MY_SHOP_SECRET');
});
