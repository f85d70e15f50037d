import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cvc, type Finding, findDigits, pan, type Secret } from '../support/canary.ts';
import type { KeyWay, LiveCall } from '../support/live-call.ts';
import { MainJob } from '../support/main-job.ts';

interface Card {
  readonly number: string;
  readonly code: string;
  readonly good: boolean;
}

/** Test numbers that schemes and providers publish: 16, 15 and 19 digits; the bad ones have a wrong last digit. */
const cards: readonly Card[] = [
  { number: '4012888888881881', code: '9073', good: true },
  { number: '378282246310005', code: '9073', good: true },
  { number: '6205500000000000004', code: '8462', good: true },
  { number: '4012888888881882', code: '', good: false },
  { number: '378282246310006', code: '', good: false },
  { number: '6011000990139424123', code: '', good: false },
];
/** Only Amex has four digits; of the others the first three count and are looked for. */
const codeOf = ({ number, code }: Card): string => (number.length === 15 ? code : code.slice(0, 3));
const secrets: readonly Secret[] = cards.flatMap((card) => [
  pan(card.number),
  ...(card.good ? [cvc(codeOf(card))] : []),
]);

let job: MainJob;
const lives: LiveCall[] = [];
const metrics: string[] = [];

beforeAll(async () => {
  job = await MainJob.start({
    settings: { log: { level: 'trace' }, capture: { pan: { quietSeconds: 0.5, interKeySeconds: 1 } } },
  });
});

afterAll(async () => {
  await job.stop();
});

async function wholeCall(card: Card, way: KeyWay, user: string): Promise<void> {
  const call = await job.inbound(user);
  lives.push(call);
  await call.open();
  const ended = await call.take('pan', card.number, way);
  expect(ended.type).toBe(card.good ? 'capture.completed' : 'capture.failed');
  if (card.good) {
    await call.take('cvc', codeOf(card), way);
    expect((await call.authorise()).type).toBe('payment.succeeded');
  } else {
    expect(ended['reason']).toBe('check-digit');
  }
  await call.api.session(call.sessionId);
  await call.api.transactions(call.id);
  metrics.push(await call.api.metrics());
  await call.api.closeSession(call.sessionId);
  await call.hangUp();
}

/** Everything that left the gateway in these calls, by what it is. */
function leavings(): readonly (readonly [where: string, content: Buffer | string])[] {
  return [
    ['standard output and error', job.gateway.output],
    ['WebSocket frames', lives.flatMap(({ events }) => events.received.map(({ raw }) => raw)).join('\n')],
    ['HTTP answers', lives.flatMap(({ api }) => api.answers).join('\n')],
    ['metrics', metrics.join('\n')],
    [
      'SIP to the agent',
      job.agents.peer.log.map((m) => [m.startLine, ...m.headers.flat(), m.body].join('\n')).join('\n'),
    ],
    [
      'SIP to the customer',
      job.customers.peer.log.map((m) => [m.startLine, ...m.headers.flat(), m.body].join('\n')).join('\n'),
    ],
    ...job.gateway.files.map((path) => [`file ${path}`, readFileSync(path)] as const),
    ...lives.map(
      ({ agent }, n) =>
        [`RTP to agent ${n}`, Buffer.concat(agent.rtp.heard.packets.map(({ payload }) => payload))] as const,
    ),
  ];
}

/** What a digit a packet would look like: first bytes of all four-byte payloads, one after another. */
const eventCodes = (call: LiveCall): Buffer =>
  Buffer.from(call.agent.rtp.heard.events().map(({ payload }) => payload[0] ?? 255));

describe('no digit leaves the gateway', () => {
  const plays = cards.flatMap((card) => (['events', 'info'] as const).map((way) => [card, way] as const));

  test.each(
    plays.map(
      ([card, way], n) =>
        [`${card.number.length} digits, ${card.good ? 'good' : 'bad'}, by ${way}`, card, way, n] as const,
    ),
  )('a whole call: %s', async (_, card, way, n) => {
    await wholeCall(card, way, String(3001 + n));
  });

  test('was there to be searched: every kind of thing that leaves has something in it', () => {
    expect(lives).toHaveLength(plays.length);
    const sizes = new Map<string, number>();
    for (const [where, content] of leavings()) {
      const kind = where.split(' ')[0] ?? '';
      sizes.set(kind, (sizes.get(kind) ?? 0) + content.length);
    }
    expect([...sizes.keys()]).toEqual(['standard', 'WebSocket', 'HTTP', 'metrics', 'SIP', 'file', 'RTP']);
    for (const [kind, size] of sizes) expect(size, kind).toBeGreaterThan(1000);
  });

  test('in logs, frames, answers, metrics, files, SIP and RTP there is none in any form', () => {
    const found: Finding[] = leavings().flatMap(([where, content]) => findDigits(where, content, secrets));
    expect(found).toEqual([]);
  });

  test('the agent leg had no event packet at all', () => {
    expect(lives.flatMap((call) => [...eventCodes(call)])).toEqual([]);
  });

  test('and one that is planted there is found by the same search', () => {
    const [card] = cards;
    const planted = leavings().map(([where, content]) => {
      const leak = where.startsWith('WebSocket') ? JSON.stringify([...(card?.number ?? '')]) : (card?.number ?? '');
      return [where, Buffer.concat([Buffer.from(content), Buffer.from(`\n${leak}\n`)])] as const;
    });
    for (const [where, content] of planted) expect(findDigits(where, content, secrets), where).not.toEqual([]);
  });
});
