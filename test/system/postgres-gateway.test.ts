import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bringTo, faultySettings } from '../support/crash-wave.ts';
import { FaultPsp } from '../support/fault-psp.ts';
import { MainJob } from '../support/main-job.ts';
import { hasPostgres, PostgresServer } from '../support/postgres-server.ts';

const program = join(import.meta.dirname, '..', '..', 'dist', 'main.js');
const secret = 'TONELOCK_DATABASE_URL';

describe.skipIf(!hasPostgres())('a gateway that keeps its book in PostgreSQL', () => {
  let server: PostgresServer;
  beforeAll(async () => {
    server = await PostgresServer.start();
  });
  afterAll(() => server?.remove());

  const start = (): Promise<MainJob> =>
    MainJob.start({ settings: { storage: { kind: 'postgres' } }, env: { [secret]: server.url() } });

  test('takes a payment, tells it again after a restart to who may see all, and its chain is found whole by the command', async () => {
    const first = await start();
    const call = await first.inbound();
    await call.open();
    await call.take('pan', '4111111111111111');
    await call.take('cvc', '737');
    expect(await call.authorise()).toMatchObject({ type: 'payment.succeeded' });
    await call.hangUp();
    expect(first.gateway.files.filter((path) => path.includes('/data/'))).toEqual([]);
    await first.stop();

    const second = await start();
    const history = await second.api().expect(200, 'GET', `/v1/calls/${call.id}/transactions?agent=*`);
    expect(history.body.transactions).toMatchObject([{ outcome: 'succeeded', lastFour: '1111' }]);
    await second.stop();

    const env = { ...process.env, [secret]: server.url() };
    const verify = () =>
      spawnSync(process.execPath, [program, 'verify-evidence', '--database'], { env, encoding: 'utf8' });
    expect(verify()).toMatchObject({
      status: 0,
      stdout: expect.stringMatching(/the chain gateway-1 is whole: \d+ entries/),
    });
    server.psql(`ALTER TABLE tonelock_entry DISABLE TRIGGER ALL; DELETE FROM tonelock_entry WHERE seq = 3`);
    expect(verify()).toMatchObject({ status: 1, stderr: expect.stringContaining('broken at entry 4') });
  });

  test('killed with a payment at the provider and never started again: the other gateway finds out what became of it', async () => {
    server.psql('CREATE SCHEMA two_gateways');
    const psp = await FaultPsp.open();
    const begin = (chain: string): Promise<MainJob> =>
      MainJob.start({
        settings: { ...faultySettings(psp), storage: { kind: 'postgres', chain, takeOverSeconds: 10 } },
        env: { [secret]: server.url('two_gateways') },
      });
    const [dead, heir] = [await begin('dead'), await begin('heir')];
    const { call } = await bringTo('hold-after-commit', 'heir', 1, dead, psp);
    dead.gateway.signal('SIGKILL');
    await dead.gateway.exited;
    psp.release('hold-after-commit:heir');
    const history = async () =>
      (await heir.api().send('GET', `/v1/calls/${call.id}/transactions?agent=*`)).body.transactions;
    await expect.poll(history, { timeout: 60_000 }).toMatchObject([{ outcome: 'succeeded' }]);
    expect(psp.received.filter(({ document }) => document.operation === 'authorise')).toHaveLength(1);
    call.dispose();
    await dead.stop();
    await heir.stop();
    await psp.close();
  });

  test('does not start without an address, and says which variable is missing', () => {
    const folder = mkdtempSync(join(tmpdir(), 'tonelock-no-address-'));
    writeFileSync(join(folder, 'tonelock.yaml'), 'storage: { kind: postgres }');
    const started = spawnSync(process.execPath, [program, '--config', join(folder, 'tonelock.yaml')], {
      encoding: 'utf8',
    });
    rmSync(folder, { recursive: true });
    expect(started).toMatchObject({
      status: 2,
      stderr: expect.stringMatching(/^storage\.kind: .*TONELOCK_DATABASE_URL/),
    });
    const run = spawnSync(process.execPath, [program, 'verify-evidence', '--database'], { encoding: 'utf8' });
    expect(run).toMatchObject({ status: 2, stderr: expect.stringContaining(secret) });
  });
});
