import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { LiveCall } from '../support/live-call.ts';
import { OwingJob, type Storage } from '../support/owing-job.ts';
import { hasPostgres, PostgresServer } from '../support/postgres-server.ts';

function deaths(open: () => Storage): void {
  let job: OwingJob | undefined;
  afterEach(async () => {
    await job?.stop();
    job = undefined;
  });
  const authorise = (call: LiveCall): void => void call.api.authorise(call.sessionId).catch(() => undefined);

  test('a gateway that dies when an outcome is safe and before anybody has heard of it: a CRM is told after the start', async () => {
    job = await OwingJob.start(open(), 'outcome');
    const call = await job.ready();
    authorise(call);
    await job.death();
    expect(job.told('payment.succeeded')).toEqual([]);
    await job.restart();
    expect(await job.toldOnce('payment.succeeded')).toMatchObject({ callId: call.id, sessionId: call.sessionId });
    expect(await job.outcomes(call)).toEqual(['succeeded']);
  });

  test('a gateway that dies with a payment under way, and again when it has written that nobody knows: a CRM is told so once', async () => {
    job = await OwingJob.start(open(), 'intent');
    const call = await job.ready();
    authorise(call);
    await job.death();
    await job.diesAgainAfter('outcome');
    expect(job.told('payment.unknown')).toEqual([]);
    await job.restart();
    expect(await job.toldOnce('payment.unknown')).toMatchObject({ callId: call.id, payment: { state: 'unknown' } });
  });

  test('a gateway that dies when a refund’s outcome is safe: a CRM is told of the refund after the start', async () => {
    job = await OwingJob.start(open(), 'refundOutcome');
    const call = await job.ready();
    expect(await call.authorise()).toMatchObject({ type: 'payment.succeeded' });
    const [paid] = (await call.api.expect(200, 'GET', `/v1/calls/${call.id}/transactions`)).body.transactions;
    await expect(call.api.send('POST', `/v1/transactions/${paid.id}/refunds`, { amount: 300 })).rejects.toThrow();
    await job.death();
    expect(job.told('payment.refunded')).toEqual([]);
    await job.restart();
    expect(await job.toldOnce('payment.refunded')).toMatchObject({ refund: { amount: 300, outcome: 'refunded' } });
  });
}

describe('with a journal in files', () => {
  deaths(() => {
    const path = mkdtempSync(join(tmpdir(), 'tonelock-owed-'));
    return { settings: { path }, env: {}, remove: () => rmSync(path, { recursive: true, force: true }) };
  });
});

describe.skipIf(!hasPostgres())('with PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server?.remove());
  deaths(() => {
    const env = { TONELOCK_DATABASE_URL: server.url(server.newSchema()) };
    return { settings: { kind: 'postgres' }, env, remove: () => {} };
  });
});
