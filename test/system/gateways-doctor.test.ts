import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { freeTcpPort } from '../support/free-ports.ts';
import { hasRedis, RedisServer } from '../support/redis-server.ts';

const program = join(import.meta.dirname, '..', '..', 'dist', 'main.js');
const settings = { events: { kind: 'redis' }, storage: { kind: 'postgres' } };
const password = 'a-password-of-the-test';

describe.skipIf(!hasRedis())('the bus between gateways', () => {
  let redis: RedisServer;
  let folder: string;
  beforeAll(async () => {
    redis = await RedisServer.start(
      '--requirepass',
      password,
      '--maxmemory',
      '50mb',
      '--maxmemory-policy',
      'allkeys-lru',
    );
    folder = mkdtempSync(join(tmpdir(), 'tonelock-bus-'));
    writeFileSync(join(folder, 'tonelock.yaml'), JSON.stringify(settings));
  });
  afterAll(async () => {
    await redis?.remove();
    rmSync(folder, { recursive: true, force: true });
  });

  const run = (words: string[], url: string | undefined) => {
    const env = { ...process.env, NODE_OPTIONS: '', ...(url === undefined ? {} : { TONELOCK_REDIS_URL: url }) };
    const options = { env, encoding: 'utf8', timeout: 60_000 } as const;
    return spawnSync(process.execPath, [program, '--config', join(folder, 'tonelock.yaml'), ...words], options);
  };
  const doctor = (url?: string): string[] =>
    run(['doctor'], url)
      .stdout.split('\n')
      .filter((line) => line.includes('events.kind'));
  const address = (word: string, port = redis.port): string => `redis://:${word}@127.0.0.1:${port}`;

  test('is asked by the doctor what it is, and what it would forget', () => {
    expect(doctor(address(password))).toEqual([
      expect.stringMatching(/^fine .*Redis \d+\.\d+\.\d+ answers in \d+ ms$/),
      expect.stringMatching(/^fine .*its clock and this one differ by \d+ ms$/),
      expect.stringMatching(/^warning .*forgets keys.* → maxmemory-policy noeviction$/),
    ]);
  });

  test('that refuses, is not there, or has no address is a fault with a remedy, and no password is printed', async () => {
    const gone = await freeTcpPort();
    expect(doctor(address('wrong'))).toEqual([expect.stringMatching(/^fault .*no answer: WRONGPASS → /)]);
    expect(doctor(`redis://127.0.0.1:${redis.port}`)).toEqual([expect.stringMatching(/^fault .*no answer: NOAUTH → /)]);
    expect(doctor(address(password, gone))).toEqual([expect.stringMatching(/^fault .*no answer: ECONNREFUSED → /)]);
    expect(doctor()).toEqual([expect.stringMatching(/^fault .*needs TONELOCK_REDIS_URL.* → /)]);
    expect(doctor(address('wrong')).join()).not.toContain('wrong@');
  });

  test('without an address, or open to a network, does not let the gateway start', () => {
    const database = { TONELOCK_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none' };
    Object.assign(process.env, database);
    try {
      expect(run([], undefined)).toMatchObject({
        status: 2,
        stderr: expect.stringMatching(/^events\.kind: .*TONELOCK_REDIS_URL/),
      });
      expect(run([], 'redis://192.0.2.7:6379')).toMatchObject({
        status: 2,
        stderr: expect.stringMatching(/^events\.kind: .*password/),
      });
    } finally {
      delete process.env['TONELOCK_DATABASE_URL'];
    }
  });
});
