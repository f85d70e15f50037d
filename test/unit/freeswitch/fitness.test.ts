import { afterEach, describe, expect, test } from 'vitest';
import { askEventSocket } from '../../../src/shared/event-socket.ts';
import { askFitness, logsNoKeys, unfitness } from '../../../src/shared/freeswitch-fitness.ts';
import { FreeswitchStandIn, type StandInOptions } from '../../support/freeswitch-stand-in.ts';

const status = ' drachtio_mrf\tprofile\tsip:mod_sofia@192.0.2.7:5080\tRUNNING (0)\n';
const good = ['+OK log level: ERR [3]', '', 'true', status];
const but = (at: number, answer: string) => unfitness(good.with(at, answer), 'drachtio_mrf');

describe('a FreeSWITCH', () => {
  test('may be given calls where it writes no key, tells keys, hears tones and has the profile', () => {
    expect(unfitness(good, 'drachtio_mrf')).toEqual([]);
  });

  test.each([
    ['logs at DEBUG', 0, '+OK log level: DEBUG [7]', /loglevel/],
    ['logs at WARNING', 0, '+OK log level: WARNING [4]', /loglevel/],
    ['does not say how it logs', 0, '-ERR no', /loglevel/],
    ['tells nobody of keys', 1, 'true', /sensitive_dtmf/],
    ['hears no tones', 2, 'false', /mod_spandsp/],
    ['has another profile only', 3, status.replace('drachtio_mrf', 'drachtio_mrf2'), /drachtio_mrf/],
    ['has the profile on IPv6 only', 3, ' drachtio_mrf\tprofile\tsip:mod_sofia@[::1]:5080\tRUNNING', /drachtio_mrf/],
  ])('may not where it %s', (_, at, answer, fault) => {
    expect(but(at, answer)).toEqual([expect.stringMatching(fault)]);
  });

  test('is quiet at ERR and below alone, and where its log is off', () => {
    const levels = [-1, 0, 1, 2, 3, 4, 5, 6, 7];
    expect(levels.filter((level) => logsNoKeys(`+OK log level: X [${level}]`))).toEqual([-1, 0, 1, 2, 3]);
    expect(logsNoKeys('')).toBe(false);
  });
});

describe('the event socket', () => {
  let server: FreeswitchStandIn | undefined;
  afterEach(() => server?.kill());

  const asked = async (options: StandInOptions, changes: { secret?: string; port?: number } = {}) => {
    server = await FreeswitchStandIn.start(options);
    const { host, port, secret } = server;
    return askFitness({ host, port, secret, ...changes }, 'drachtio_mrf', 2000);
  };

  test('is asked, and left again', async () => {
    expect(await asked({})).toEqual([]);
  });

  test('leaves the log as it is', async () => {
    for (const logLevel of [3, 7]) {
      await asked({ logLevel });
      expect(server?.logLevel).toBe(logLevel);
      server?.kill();
    }
  });

  test('tells of a server that logs keys, by the key of its own configuration', async () => {
    expect(await asked({ logLevel: 7, sensitive: true })).toEqual([
      expect.stringContaining('switch.conf.xml'),
      expect.stringContaining('sensitive_dtmf'),
    ]);
  });

  test('refuses a wrong secret, and says so', async () => {
    expect(await asked({}, { secret: 'wrong' })).toEqual(['the secret is refused']);
  });

  test('is not there', async () => {
    expect(await asked({}, { port: 1 })).toEqual(['no answer']);
  });

  test('is not waited for when it falls silent', async () => {
    server = await FreeswitchStandIn.start();
    server.faults.ignore.add('fsctl');
    const { host, port, secret } = server;
    expect(await askEventSocket({ host, port, secret }, ['fsctl loglevel'], 100)).toEqual({ fault: 'no answer' });
  });
});
