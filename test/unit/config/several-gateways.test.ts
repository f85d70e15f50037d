import { describe, expect, test } from 'vitest';
import { parseConfig } from '../../../src/config/load-config.ts';
import { redisUrlFault } from '../../../src/config/redis-url.ts';

describe('the configuration of several gateways', () => {
  test('wants one storage for all, and says so by its key', () => {
    expect(parseConfig('events: { kind: redis }')).toEqual({
      faults: [{ key: 'events.kind', message: expect.stringContaining('storage.kind: postgres') }],
    });
    const sound = parseConfig('events: { kind: redis }\nstorage: { kind: postgres }');
    expect('config' in sound && sound.config.events).toEqual({ kind: 'redis', leaseSeconds: 6 });
  });

  test.each([['1'], ['61'], ['soon']])('has a lease of seconds, and %s is none', (leaseSeconds) => {
    const result = parseConfig(`events: { leaseSeconds: ${leaseSeconds} }`);
    expect('faults' in result && result.faults.map(({ key }) => key)).toEqual(['events.leaseSeconds']);
  });

  test.each([
    ['redis://127.0.0.1:6379', undefined],
    ['redis://[::1]:6379/2', undefined],
    ['redis://:a-password@10.0.0.7:6379', undefined],
    ['rediss://gateway:a-password@redis.example', undefined],
    [undefined, 'TONELOCK_REDIS_URL'],
    ['localhost:6379', 'must be redis://'],
    ['http://127.0.0.1:6379', 'must be redis://'],
    ['redis://10.0.0.7:6379', 'password'],
    ['rediss://gateway@redis.example', 'password'],
  ])('takes the bus at %s only where it is one and not open to anybody', (url, fault) => {
    if (fault === undefined) expect(redisUrlFault(url)).toBeUndefined();
    else expect(redisUrlFault(url)).toContain(fault);
  });

  test('never quotes an address, which may hold a password', () => {
    for (const url of ['redis//:hunter2@10.0.0.7', 'http://:hunter2@10.0.0.7', 'redis://hunter2@10.0.0.7'])
      expect(redisUrlFault(url)).not.toContain('hunter2');
  });
});
