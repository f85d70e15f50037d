import { createHmac } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { frameSchemas } from '../../../src/agent/frame.ts';
import { atOnceMax, owedForMs } from '../../../src/agent/webhooks/receiver-line.ts';
import type { Outbox, Webhook } from '../../../src/agent/webhooks/webhook.ts';
import { owedMax, WebhookDesk } from '../../../src/agent/webhooks/webhook-desk.ts';
import { signatureHeaders } from '../../../src/agent/webhooks/webhook-signature.ts';
import type { Notice } from '../../../src/payment/notice.ts';
import { eventNames } from '../../../src/shared/event-name.ts';
import { FakeClock, settle } from '../../support/fake-clock.ts';

const crm: Webhook = { name: 'crm', url: 'https://crm.example/', events: new Set(eventNames), secret: 's'.repeat(16) };
const progress = { type: 'capture.progress', field: 'pan', digits: 3, mask: '***' } as const;
const locked = { type: 'capture.locked', field: 'pan' } as const;
const about = { callId: 'c-1', sessionId: 's-1' };

/** An outbox in memory, and receivers of paper: each answers what `answer` says. */
class Bench {
  readonly clock = new FakeClock();
  readonly told: { hook: string; id: string; type: unknown }[] = [];
  readonly counted: string[] = [];
  readonly kept = new Map<string, Notice>();
  answer: (hook: string, id: string) => number | 'no-answer' | Promise<number> = () => 200;
  refuses = false;
  readonly outbox: Outbox = {
    put: async (notice) => {
      if (this.refuses) throw new Error('full');
      this.kept.set(notice.id, notice);
      return notice;
    },
    settle: async (id, hook, result) => {
      this.counted.push(`${result} ${hook}`);
      const notice = this.kept.get(id);
      const hooks = notice?.hooks.filter((name) => name !== hook) ?? [];
      if (notice === undefined || hooks.length === 0) this.kept.delete(id);
      else this.kept.set(id, { ...notice, hooks });
    },
    owed: () => [...this.kept.values()],
  };

  desk(...hooks: Webhook[]): WebhookDesk {
    const count = (word: string) => (what: string) => void this.counted.push(`${word} ${what}`);
    return new WebhookDesk({
      hooks,
      outbox: this.outbox,
      clock: this.clock,
      send: async ({ name }, { id, event }) => {
        this.told.push({ hook: name, id, type: event['type'] });
        return this.answer(name, id);
      },
      observer: { delivered: () => {}, failed: count('failed'), givenUp: () => {}, lost: count('lost') },
    });
  }
}

describe('webhooks', () => {
  test('tell each receiver what it wants and nothing else', async () => {
    const bench = new Bench();
    const other: Webhook = { ...crm, name: 'other', events: new Set(['capture.locked']) };
    const desk = bench.desk(crm, other);
    desk.publish(progress, about);
    desk.publish(locked, about);
    await settle();
    expect(bench.told.map(({ hook, type }) => [hook, type])).toEqual([
      ['crm', 'capture.progress'],
      ['crm', 'capture.locked'],
      ['other', 'capture.locked'],
    ]);
    expect(bench.kept.size).toBe(0);
  });

  test('tell nobody before the event is safe, and nobody at all when it cannot be', async () => {
    const bench = new Bench();
    bench.refuses = true;
    bench.desk(crm).publish(locked, about);
    await settle();
    expect(bench.told).toEqual([]);
    expect(bench.counted).toEqual(['lost capture.locked']);
  });

  test('try again with growing waits and the same id, until the receiver says 2xx', async () => {
    const bench = new Bench();
    const answers: (number | 'no-answer')[] = [500, 'no-answer', 301, 404, 204];
    bench.answer = () => answers.shift() ?? 200;
    bench.desk(crm).publish(locked, about);
    await settle();
    for (const [seconds, tries] of [
      [4, 1],
      [1, 2],
      [30, 3],
      [120, 4],
      [600, 5],
    ] as const) {
      await bench.clock.run(seconds * 1000);
      expect(bench.told).toHaveLength(tries);
    }
    expect(new Set(bench.told.map(({ id }) => id)).size).toBe(1);
    expect(bench.counted).toEqual(['failed crm', 'failed crm', 'failed crm', 'failed crm', 'delivered crm']);
    expect(bench.clock.pending).toBe(0);
  });

  test('are given up after three days', async () => {
    const bench = new Bench();
    bench.answer = () => 503;
    const desk = bench.desk(crm);
    desk.publish(locked, about);
    await bench.clock.run(owedForMs - 3_600_000);
    expect(desk.size).toBe(1);
    await bench.clock.run(7_200_000);
    expect(desk.size).toBe(0);
    expect(bench.counted.at(-1)).toBe('given-up crm');
    expect(bench.clock.pending).toBe(0);
  });

  test('go on to the others while one receiver hangs', async () => {
    const bench = new Bench();
    const hanging = new Promise<number>(() => {});
    bench.answer = (hook) => (hook === 'crm' ? hanging : 200);
    const desk = bench.desk(crm, { ...crm, name: 'other' });
    for (let n = 0; n < 50; n += 1) desk.publish(locked, about);
    await settle();
    expect(bench.told.filter(({ hook }) => hook === 'other')).toHaveLength(50);
    expect(bench.told.filter(({ hook }) => hook === 'crm')).toHaveLength(atOnceMax);
    expect(desk.size).toBe(50);
  });

  test('are bounded: of too many the oldest of the longest line are given up', async () => {
    const bench = new Bench();
    bench.answer = () => 'no-answer';
    const desk = bench.desk(crm);
    for (let n = 0; n < owedMax + 20; n += 1) desk.publish(locked, about);
    await settle();
    expect(desk.size).toBe(owedMax);
    expect(bench.counted.filter((line) => line === 'given-up crm')).toHaveLength(20);
    desk.close();
    expect(bench.clock.pending).toBe(0);
  });

  test('that an earlier process has left owing are told at the start; those for nobody any more are struck off', async () => {
    const bench = new Bench();
    bench.answer = () => 500;
    const before = bench.desk(crm, { ...crm, name: 'gone' });
    before.publish(locked, about);
    await settle();
    before.close();
    bench.answer = () => 200;
    bench.told.length = 0;
    const after = bench.desk(crm);
    after.start();
    await settle();
    expect(bench.told).toMatchObject([{ hook: 'crm', type: 'capture.locked' }]);
    expect(bench.kept.size).toBe(0);
  });

  test('hold nothing that the schema does not name, and no number of a socket', async () => {
    const bench = new Bench();
    bench.answer = () => 500;
    bench.desk(crm).publish({ ...locked, pan: '4111111111111111' } as never, about);
    await settle();
    const event = [...bench.kept.values()][0]?.event;
    expect(event).toEqual({ at: expect.any(String), ...locked, ...about });
  });
});

test('the names in the configuration are those of the events, all of them', () => {
  expect([...eventNames, 'snapshot'].toSorted()).toEqual(Object.keys(frameSchemas).toSorted());
});

test('a signature is that of Standard Webhooks, by a secret as it is or behind whsec_', () => {
  const base64 = Buffer.from('0123456789abcdef').toString('base64');
  const expected = createHmac('sha256', '0123456789abcdef').update('n-1.1700000000.{"a":1}').digest('base64');
  for (const secret of ['0123456789abcdef', `whsec_${base64}`])
    expect(signatureHeaders(secret, 'n-1', 1_700_000_000, '{"a":1}')).toEqual({
      'webhook-id': 'n-1',
      'webhook-timestamp': '1700000000',
      'webhook-signature': `v1,${expected}`,
    });
});
