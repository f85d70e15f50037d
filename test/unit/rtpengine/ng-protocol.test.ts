import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { LossWatch } from '../../../src/cde/media/loss-watch.ts';
import { type Bencoded, decodeDictionary, encode } from '../../../src/cde/media/rtpengine/bencode.ts';
import { NgClient } from '../../../src/cde/media/rtpengine/ng-client.ts';
import { FakeClock } from '../../support/fake-clock.ts';

describe('bencoding', () => {
  const { value } = fc.letrec<{ value: Bencoded }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.string({ unit: 'binary' }),
      fc.integer(),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(fc.string(), tie('value'), { maxKeys: 4, noNullPrototype: true }),
    ),
  }));

  test('gives back whatever was written', () => {
    fc.assert(
      fc.property(value, (inner) => {
        expect(decodeDictionary(encode({ inner }))).toEqual({ inner });
      }),
      { numRuns: 200 },
    );
  });

  test('reads nothing but one whole dictionary', () => {
    for (const text of [
      '',
      'd',
      'de ',
      'i3e',
      '3:abc',
      'd1:ai1e',
      'd1:a5:be',
      'd1:aie',
      `${'d1:a'.repeat(40)}0:${'e'.repeat(40)}`,
    ])
      expect(decodeDictionary(Buffer.from(text))).toBeUndefined();
    expect(decodeDictionary(Buffer.from('de'))).toEqual({});
  });

  test('does not fall over any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        const read = decodeDictionary(Buffer.from(bytes));
        expect(read === undefined || typeof read === 'object').toBe(true);
      }),
    );
  });
});

describe('the ng protocol', () => {
  let daemon: Socket;
  let client: NgClient;
  let clock: FakeClock;

  beforeEach(async () => {
    clock = new FakeClock();
    daemon = createSocket('udp4');
    daemon.bind(0, '127.0.0.1');
    await once(daemon, 'listening');
    client = new NgClient({ host: '127.0.0.1', port: daemon.address().port }, clock);
  });

  afterEach(() => {
    client.close();
    daemon.close();
  });

  const received = async (): Promise<{ text: string; answer: (body: string) => void }> => {
    const [bytes, from] = (await once(daemon, 'message')) as [Buffer, { port: number; address: string }];
    const text = bytes.toString();
    const cookie = text.split(' ', 1)[0] ?? '';
    return { text, answer: (body) => daemon.send(`${cookie} ${body}`, from.port, from.address) };
  };

  test('repeats a request with the same cookie until it is answered', async () => {
    const asked = client.ask('ping');
    const first = await received();
    const second = received();
    clock.advance(200);
    expect((await second).text).toBe(first.text);
    first.answer('d6:result4:ponge');
    await expect(asked).resolves.toEqual({ result: 'pong' });
  });

  test('gives up after its copies, and says so by a code', async () => {
    const asked = client.ask('ping');
    await received();
    const refused = expect(asked).rejects.toMatchObject({ code: 'media-failed' });
    for (let i = 0; i < 5; i += 1) clock.advance(1000);
    await refused;
  });

  test('tells a call that is unknown there from other faults', async () => {
    const unknown = client.ask('query');
    (await received()).answer('d6:result5:error12:error-reason15:Unknown call-ide');
    await expect(unknown).rejects.toMatchObject({ code: 'call-not-found' });
    const other = client.ask('offer');
    (await received()).answer('d6:result5:error12:error-reason3:fule');
    await expect(other).rejects.toMatchObject({ code: 'media-failed' });
  });

  test('does not hear an answer to nothing', async () => {
    const asked = client.ask('ping');
    const { text, answer } = await received();
    expect(text).toMatch(/ d7:command4:pinge$/);
    answer('garbage');
    const port = (daemon.address() as { port: number }).port;
    expect(port).toBeGreaterThan(0);
    answer('d6:result4:ponge');
    await expect(asked).resolves.toEqual({ result: 'pong' });
  });
});

describe('a leg that is watched', () => {
  test('is lost once after its limit, and anew after it came back', () => {
    const watch = new LossWatch({ first: 10, running: 20, held: 100 }, 0);
    expect(watch.lost(0, true, 9)).toBe(false);
    expect([watch.lost(0, true, 11), watch.lost(0, true, 30)]).toEqual([true, false]);
    expect(watch.lost(5, true, 31)).toBe(false);
    expect([watch.lost(5, true, 51), watch.lost(5, true, 52)]).toEqual([false, true]);
    watch.restart(60);
    expect([watch.lost(5, false, 150), watch.lost(5, false, 161)]).toEqual([false, true]);
  });
});
