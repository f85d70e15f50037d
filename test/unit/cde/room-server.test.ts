import { describe, expect, it } from 'vitest';
import { harden, isWatched } from '../../../src/cde/hardening.ts';
import type { Notice } from '../../../src/cde/messages.ts';
import type { Room } from '../../../src/cde/room.ts';
import { roomEnvironment } from '../../../src/cde/room-process.ts';
import { RoomServer } from '../../../src/cde/room-server.ts';
import { Speaker } from '../../../src/cde/speaker.ts';
import { CodedError } from '../../../src/shared/coded-error.ts';
import { newCallId } from '../../../src/shared/ids.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const call = newCallId();

/** A server before a room that answers as the test says. */
function serving(answer: () => Promise<unknown>) {
  const sent: unknown[] = [];
  const clock = new FakeClock();
  const channel = {
    send: (message: unknown, out?: () => void) => {
      sent.push(message);
      out?.();
    },
  };
  const closings: true[] = [];
  const speaker = new Speaker(channel, clock);
  const server = new RoomServer({ answer } as unknown as Room, speaker, () => void closings.push(true));
  return { server, speaker, sent, clock, closed: () => closings.length };
}

const incident = (word: string) => ({ notice: { kind: 'incident', word, call: null } });

describe('the inside of the door', () => {
  it('answers a request with its id', async () => {
    const { server, sent } = serving(async () => null);
    await server.receive({ id: 7, kind: 'field.stop', ask: { call } });
    expect(sent).toEqual([{ id: 7, ok: true, answer: null }]);
  });

  it('lets no more of an error out than its code', async () => {
    const { server, sent } = serving(async () => {
      throw new CodedError('media-failed', 'key 4 after 4111');
    });
    await server.receive({ id: 7, kind: 'field.stop', ask: { call } });
    expect(sent).toEqual([{ id: 7, ok: false, code: 'media-failed' }]);
  });

  it.each([
    ['field.stop', { call }, 'media-failed'],
    ['psp.describe', {}, 'media-failed'],
    ['payment.enquire', { attempt: call, psp: 'x', about: 'payment' }, 'cde-lost'],
  ])('says of a fault of our own in %s that it was one, and nothing else', async (kind, ask, code) => {
    const { server, sent } = serving(async () => {
      throw new TypeError('4111111111111111 is not a function');
    });
    await server.receive({ id: 7, kind, ask });
    expect(sent).toEqual([incident('assertion-failed'), { id: 7, ok: false, code }]);
  });

  it('checks its own answers: one with a place too many does not leave', async () => {
    const { server, sent } = serving(async () => ({ sdp: 'v=0', digits: '4111' }));
    await server.receive({ id: 7, kind: 'sdp.describeOffer', ask: { call, leg: 'agent' } });
    expect(sent).toEqual([incident('assertion-failed'), { id: 7, ok: false, code: 'media-failed' }]);
  });

  it.each<[string, unknown]>([
    ['no object', 4],
    ['an unknown kind', { id: 1, kind: 'card.read', ask: {} }],
    ['a kind of the prototype', { id: 1, kind: 'constructor', ask: {} }],
    ['a place too many', { id: 1, kind: 'psp.describe', ask: {}, more: 1 }],
  ])('drops and reports %s', async (_, message) => {
    const { server, sent } = serving(async () => null);
    await server.receive(message);
    expect(sent).toEqual([incident('bad-message')]);
  });

  it('refuses a known request that asks for nonsense', async () => {
    const { server, sent } = serving(async () => null);
    await server.receive({ id: 3, kind: 'field.stop', ask: { call: 'no id' } });
    expect(sent).toEqual([incident('bad-message'), { id: 3, ok: false, code: 'bad-request' }]);
  });

  it('says when the answer to its closing is out', async () => {
    const { server, closed } = serving(async () => null);
    await server.receive({ id: 1, kind: 'field.stop', ask: { call } });
    expect(closed()).toBe(0);
    await server.receive({ id: 2, kind: 'room.close', ask: {} });
    expect(closed()).toBe(1);
  });

  it('turns a notice that does not fit the vocabulary into an incident', () => {
    const { speaker, sent } = serving(async () => null);
    speaker.tell({ kind: 'field.progress', digits: '4111' } as unknown as Notice);
    expect(sent).toEqual([incident('assertion-failed')]);
  });

  it('tells of a flood of incidents only so often', () => {
    const { speaker, sent, clock } = serving(async () => null);
    for (let round = 0; round < 500; round += 1) speaker.tell({ kind: 'incident', word: 'press-ignored', call });
    expect(sent).toHaveLength(20);
    clock.advance(1_000);
    speaker.tell({ kind: 'incident', word: 'press-ignored', call });
    expect(sent).toHaveLength(21);
  });
});

describe('the process of the room', () => {
  it.each([
    [['--inspect'], {}],
    [['--inspect-brk=0.0.0.0:9229'], {}],
    [['--heapsnapshot-signal=SIGUSR2'], {}],
    [['--heap-prof'], {}],
    [['--report-on-fatalerror'], {}],
    [[], { NODE_OPTIONS: '--max-old-space-size=512 --inspect' }],
    [[], { NODE_V8_COVERAGE: '/somewhere' }],
  ])('does not start where it can be looked into: %o %o', (flags, env) => expect(isWatched(flags, env)).toBe(true));

  it('starts with flags that look into nothing', () => {
    expect(isWatched(['--max-old-space-size=512', '--enable-source-maps'], { NODE_OPTIONS: '' })).toBe(false);
  });

  it('listens to the signal that would start the inspector, and outlives those that are for the gateway', () => {
    const heard: string[] = [];
    harden({ on: (signal: string) => heard.push(signal) } as unknown as NodeJS.Process);
    expect(heard).toEqual(['SIGUSR1', 'SIGINT', 'SIGTERM', 'SIGHUP']);
  });

  it('gets of the environment what it needs and nothing else', () => {
    const env = {
      PATH: '/bin',
      TZ: 'UTC',
      NODE_OPTIONS: '--inspect',
      NODE_V8_COVERAGE: 'x',
      TONELOCK_PSP_SHOP_KEY: 'k',
    };
    const secrets = { TONELOCK_DATABASE_URL: 'u', TONELOCK_DRACHTIO_SECRET: 's', DEBUG: 'drachtio*' };
    expect(roomEnvironment({ ...env, ...secrets })).toEqual({ PATH: '/bin', TZ: 'UTC', TONELOCK_PSP_SHOP_KEY: 'k' });
  });
});
