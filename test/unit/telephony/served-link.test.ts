import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ServedLink } from '../../../src/telephony/sip/drachtio/served-link.ts';
import { FakeClock } from '../../support/fake-clock.ts';

const parts = {
  terms: { secret: 'of this link', pingMs: 5000 },
  observer: {
    linkSilent: vi.fn<() => void>(),
    dialogsLost: vi.fn<() => void>(),
    unreadable: vi.fn<() => void>(),
  },
  sessionExpiresSeconds: 0,
};

/** What a server says to an application, cut and counted as the protocol wants it. */
const framed = (payload: string): string => `${Buffer.byteLength(payload)}#${payload}`;

describe('a link that a server has made for one call', () => {
  let clock: FakeClock;
  let door: Server;
  let far: Socket;
  let near: Socket;
  let heard = '';

  beforeEach(async () => {
    clock = new FakeClock();
    door = createServer();
    door.listen(0, '127.0.0.1');
    await once(door, 'listening');
    far = connect((door.address() as AddressInfo).port, '127.0.0.1');
    heard = '';
    far.on('data', (bytes) => (heard += String(bytes)));
    [near] = (await once(door, 'connection')) as [Socket];
    new ServedLink(near, { ...parts, clock }, { invite: () => undefined, options: () => 503 });
    await vi.waitFor(() => expect(heard).toContain('authenticate|of this link|'), 5_000);
  });

  afterEach(() => {
    far.destroy();
    door.close();
  });

  const closed = (): Promise<unknown> => (far.destroyed ? Promise.resolve() : once(far, 'close'));
  const admit = (): void => {
    const [, id] = /#([^|]+)\|authenticate/.exec(heard) ?? [];
    far.write(framed(`m1|response|${id}|OK|udp/127.0.0.1:5060|v0.9.10|udp/127.0.0.1:5060`));
  };

  test('is closed where nothing is said for five seconds: neither an answer to our secret nor a request', async () => {
    clock.advance(4_999);
    expect(near.destroyed).toBe(false);
    clock.advance(1);
    await closed();
    expect(clock.pending).toBe(0);
  });

  test('is closed a second after its last word: an OPTIONS that was answered', async () => {
    admit();
    const options = [
      'OPTIONS sip:x@127.0.0.1 SIP/2.0',
      'Via: SIP/2.0/UDP 127.0.0.1:5099;branch=z9hG4bK1',
      'From: <sip:a@127.0.0.1>;tag=1',
      'To: <sip:x@127.0.0.1>',
      'Call-ID: one',
      'CSeq: 1 OPTIONS',
      'Content-Length: 0',
      '',
      '',
    ].join('\r\n');
    far.write(framed(`m2|sip|network|${options.length}|udp|127.0.0.1|5099|12:00:00.000000|t1||\r\n${options}`));
    await vi.waitFor(() => expect(heard).toContain('SIP/2.0 503'), 5_000);
    clock.advance(5_000);
    await closed();
    expect(clock.pending).toBe(0);
  });

  test('leaves nothing behind when the server closes it first', async () => {
    far.destroy();
    await once(near, 'close');
    await vi.waitFor(() => expect(clock.pending).toBe(0), 5_000);
  });
});
