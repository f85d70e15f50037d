import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findDigits, pan } from '../support/canary.ts';
import { certificatePath, FaultPsp } from '../support/fault-psp.ts';
import type { LiveCall } from '../support/live-call.ts';
import { MainJob } from '../support/main-job.ts';
import { countInMemory } from '../support/process-memory.ts';

const order = { type: 'charge', amount: 1250, currency: 'EUR', cardholder: 'Test' } as const;
const tls = { ca: certificatePath('ca.pem'), cert: certificatePath('client.pem'), key: certificatePath('client.key') };
/** Published test numbers that stand in no file of the product; the memory is searched for one that nothing else has used. */
const card = '4012888888881881';
const quotedCard = '6011000990139424';
const searchedCard = '5105105105105100';

/** On a busy machine a simulated finger may take its time; what it keys ends by its length, or by `#`. */
const patient = { firstKeySeconds: 120, interKeySeconds: 60, overallSeconds: 300 };
const patience = {
  pan: { ...patient, quietSeconds: 1 },
  cvc: patient,
  expiry: patient,
  postcode: patient,
  keypadTest: patient,
};

let psp: FaultPsp;
let job: MainJob;
const lives: LiveCall[] = [];

beforeAll(async () => {
  psp = await FaultPsp.open({ tls: true });
  job = await MainJob.start({
    settings: {
      log: { level: 'trace' },
      capture: {
        ...patience,
        byKeypad: ['keypadTest', 'expiry', 'issueNumber', 'postcode'],
      },
      payments: {
        defaultPsp: 'shop',
        psps: [
          {
            id: 'shop',
            adapter: 'http',
            url: psp.url,
            tls,
            fields: [{ name: 'postcode', label: { en: 'Postcode', ja: '郵便番号' } }],
          },
        ],
      },
    },
    env: { TONELOCK_PSP_SHOP_SECRET: 'a-credential-of-the-shop' },
  });
});

afterAll(async () => {
  await job.stop();
  await psp.close();
});

async function opened(agent: string, details: object): Promise<LiveCall> {
  const call = await job.inbound(agent);
  lives.push(call);
  await call.open({ ...order, ...details });
  return call;
}

const documentOf = (reference: string) =>
  psp.received.find(({ document }) => document.details?.['reference'] === reference)?.document;

test("a payment goes to the operator's endpoint over TLS, with what the customer keyed beside the card (P-27…P-31)", async () => {
  const call = await opened('6101', { reference: 'none:keyed' });
  await call.take('expiry', '1230');
  await call.take('issueNumber', '07');
  await call.take('postcode', '1500001#');
  const { body } = await call.api.session(call.sessionId);
  expect(body.details).toMatchObject({ expiry: '12/30', issueNumber: '07', postcode: '1500001' });
  await call.take('pan', card);
  await call.take('cvc', '737');
  expect(await call.authorise()).toMatchObject({ type: 'payment.succeeded', reference: expect.stringMatching(/^P-/) });
  expect(documentOf('none:keyed')).toMatchObject({
    card: { number: card, securityCode: '737', entry: 'telephone' },
    details: { expiry: '12/30', issueNumber: '07', postcode: '1500001' },
  });
  const heard = psp.received[0];
  expect(heard?.headers.authorization).toBe('Bearer a-credential-of-the-shop');
  await call.hangUp();
});

test('a telephone that sends keys twice is found by the keypad test', async () => {
  const call = await opened('6102', { reference: 'none:doubled', expiry: '12/30' });
  await call.lock('keypadTest');
  const since = call.events.mark();
  for (const key of '1234#') {
    await call.caller.rtp.pressAll(key === '#' ? key : key + key, { durationMs: 40, gapMs: 20 });
    await new Promise((done) => setTimeout(done, 300));
  }
  const tested = await call.ending('keypadTest', since);
  expect(tested.type).toBe('capture.completed');
  // On a busy machine a double may come as late as a finger's second press, and then counts as one.
  expect(tested['doubled']).toBeGreaterThan(0);
  expect(tested['digits'] + tested['doubled']).toBe(8);
  await call.hangUp();
});

test('a provider that quotes the card in its reference and its message gets it no further', async () => {
  const call = await opened('6103', { reference: 'echo', expiry: '12/30' });
  await call.take('pan', quotedCard);
  await call.take('cvc', '737');
  expect(await call.authorise()).toMatchObject({ type: 'payment.succeeded' });
  await call.api.transactions(call.id);
  await call.hangUp();
  const leavings: [string, Buffer | string][] = [
    ['output', job.gateway.output],
    ['frames', lives.flatMap(({ events }) => events.received.map(({ raw }) => raw)).join('\n')],
    ['answers', lives.flatMap(({ api }) => api.answers).join('\n')],
    ...job.gateway.files.map((path): [string, Buffer] => [path, readFileSync(path)]),
  ];
  expect(leavings.flatMap(([where, content]) => findDigits(where, content, [pan(quotedCard)]))).toEqual([]);
});

describe.runIf(process.getuid?.() === 0)('in the memory of the processes', () => {
  test('the card stands while it is with the provider, in the room only, and nowhere when the answer is there', async () => {
    const call = await opened('6104', { reference: 'hold-before-commit', expiry: '12/30' });
    await call.take('pan', searchedCard);
    await call.take('cvc', '737');
    const outcome = call.authorise();
    await psp.held('hold-before-commit');
    const [room, gateway, wanted] = [job.gateway.roomPid, job.gateway.pid, Buffer.from(searchedCard)];
    // The search finds what is there: the card itself, and what TLS has kept of the request.
    expect(countInMemory(room, wanted)).toBeGreaterThan(0);
    psp.release('hold-before-commit');
    expect(await outcome).toMatchObject({ type: 'payment.succeeded' });
    expect(countInMemory(room, wanted)).toBe(0);
    expect(countInMemory(gateway, wanted)).toBe(0);
    await call.hangUp();
  });
});
