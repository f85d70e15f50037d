import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { openJournalBook } from '../../src/ledger/journal-book.ts';
import { systemClock } from '../../src/shared/clock.ts';
import { MainJob } from '../support/main-job.ts';
import { WebhookReceiver } from '../support/webhook-receiver.ts';

const secret = 'a secret of the tests';
const readme = join(import.meta.dirname, '..', '..', 'README.md');

type IsGenuine = (headers: object, body: string, secret: string, now?: number) => boolean;

/** The very lines that the README gives to receivers. */
async function verificationOfTheReadme(): Promise<IsGenuine> {
  const [, lines] = /<!-- webhook-verification -->\n```js\n([\s\S]*?)```/.exec(readFileSync(readme, 'utf8')) ?? [];
  const address = `data:text/javascript;base64,${Buffer.from(lines ?? '').toString('base64')}`;
  return ((await import(/* @vite-ignore */ address)) as { isGenuine: IsGenuine }).isGenuine;
}

const jobs: MainJob[] = [];
const receivers: WebhookReceiver[] = [];

afterEach(async () => {
  for (const job of jobs.splice(0)) await job.stop();
  for (const receiver of receivers.splice(0)) await receiver.close();
});

async function receiver(): Promise<WebhookReceiver> {
  const opened = await WebhookReceiver.open();
  receivers.push(opened);
  return opened;
}

async function start(told: readonly WebhookReceiver[], data?: string): Promise<MainJob> {
  const names = told.map((_, n) => `crm-${n}`);
  const job = await MainJob.start({
    settings: {
      webhooks: told.map(({ url }, n) => ({ name: names[n], url })),
      ...(data !== undefined && { storage: { path: data } }),
    },
    env: Object.fromEntries(names.map((_, n) => [`TONELOCK_WEBHOOK_CRM_${n}`, secret])),
  });
  jobs.push(job);
  return job;
}

async function pay(job: MainJob): Promise<void> {
  const call = await job.inbound();
  await call.open();
  await call.take('pan', '4111111111111111');
  await call.take('cvc', '737');
  expect(await call.authorise()).toMatchObject({ type: 'payment.succeeded' });
  await call.hangUp();
}

const steps = [
  'call.started',
  'call.answered',
  'session.opened',
  'capture.locked',
  'capture.completed',
  'capture.unlocked',
  'payment.authorising',
  'payment.succeeded',
  'session.closed',
  'call.ended',
];

test('a CRM is told of every step of a payment, each signed as the README verifies it, and of no digit', async () => {
  const crm = await receiver();
  const job = await start([crm]);
  await pay(job);
  await expect.poll(() => crm.types(), { timeout: 10_000 }).toEqual(expect.arrayContaining(steps));
  const isGenuine = await verificationOfTheReadme();
  for (const { headers, body, event } of crm.told) {
    expect(isGenuine(headers, body, secret)).toBe(true);
    expect(isGenuine(headers, body, 'another secret of 16')).toBe(false);
    expect(isGenuine(headers, `${body} `, secret)).toBe(false);
    expect(isGenuine(headers, body, secret, Date.now() / 1000 + 600)).toBe(false);
    expect(isGenuine({ ...headers, 'webhook-signature': 'v1,' }, body, secret)).toBe(false);
    expect(event.id).toBe(headers['webhook-id']);
    expect(body).not.toMatch(/4111111111111111|"737"/);
    expect(event.seq).toBeUndefined();
  }
  expect(new Set(crm.told.map(({ event }) => event.id)).size).toBe(crm.told.length);
});

test('a receiver that never answers and one that redirects hold up neither the call nor the others', async () => {
  const [hanging, redirecting, other] = [await receiver(), await receiver(), await receiver()];
  hanging.answer = () => {};
  redirecting.answer = (response) => response.writeHead(307, { location: other.url }).end();
  const job = await start([hanging, redirecting, other]);
  await pay(job);
  await expect.poll(() => other.types(), { timeout: 10_000 }).toEqual(expect.arrayContaining(steps));
  expect(redirecting.told.length).toBeGreaterThan(0);
  // Told once each: nothing came by way of the redirect.
  expect(new Set(other.told.map(({ event }) => event.id)).size).toBe(other.told.length);
  const metrics = await (await fetch(`${job.gateway.http}/metrics`)).text();
  expect(metrics).toMatch(/tonelock_api_events_total\{event="webhook-307"\} [1-9]/);
});

test('what a receiver that was down is owed comes after a kill -9 of the gateway, with the same ids', async () => {
  const crm = await receiver();
  crm.answer = (response) => response.writeHead(500).end();
  const data = mkdtempSync(join(tmpdir(), 'tonelock-owed-'));
  const job = await start([crm], data);
  await pay(job);
  await expect.poll(() => crm.types(), { timeout: 10_000 }).toEqual(expect.arrayContaining(steps));
  const ids = new Set(crm.told.map(({ event }) => event.id));
  job.gateway.signal('SIGKILL');
  await job.gateway.exited;
  crm.told.length = 0;
  crm.answer = (response) => response.writeHead(204).end();
  await start([crm], data);
  await expect.poll(() => new Set(crm.told.map(({ event }) => event.id)), { timeout: 10_000 }).toEqual(ids);
  await jobs.pop()?.stop();
  const book = await openJournalBook({ path: data, clock: systemClock });
  expect(book.owed()).toEqual([]);
  await book.close();
  rmSync(data, { recursive: true });
});

test('does not start without the secret of a webhook, and says which variable is missing', async () => {
  const settings = { webhooks: [{ name: 'crm', url: 'https://crm.example/' }] };
  await expect(MainJob.start({ settings })).rejects.toThrow(/webhooks\.0\.name: TONELOCK_WEBHOOK_CRM must be/);
});
