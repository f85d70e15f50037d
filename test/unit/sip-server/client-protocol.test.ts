import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ClientFramer } from '../../../src/sip-server/client-protocol/client-framer.ts';
import { type SipServer, startSipServer } from '../../../src/sip-server/sip-server.ts';
import type { SipServerEvent } from '../../../src/sip-server/sip-server-observer.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { connected, until } from './two-servers.ts';

let server: SipServer;
let events: SipServerEvent[];
let clock: FakeClock;

const start = (listen: readonly string[] = ['udp/127.0.0.1:0']): Promise<SipServer> =>
  startSipServer({
    listen,
    clients: { host: '127.0.0.1', port: 0 },
    secret: 'right',
    clock,
    observer: { observe: (event) => events.push(event) },
  });

beforeEach(async () => {
  clock = new FakeClock();
  events = [];
  server = await start();
});

afterEach(async () => {
  await server.close();
  expect(clock.pending).toBe(0);
});

/** A socket that speaks the protocol by hand. */
class Hand {
  readonly socket: Socket;
  got = '';
  closed = false;

  constructor() {
    this.socket = connect(server.clientPort, '127.0.0.1');
    this.socket.on('data', (chunk) => {
      this.got += chunk.toString();
    });
    this.socket.on('error', () => undefined);
    this.socket.on('close', () => {
      this.closed = true;
    });
  }

  say(text: string): void {
    this.socket.write(`${Buffer.byteLength(text)}#${text}`);
  }

  /** What was answered, without lengths and message ids. */
  get answers(): readonly string[] {
    const answers: string[] = [];
    for (let rest = this.got; rest.includes('#'); ) {
      const start = rest.indexOf('#') + 1;
      const end = start + Number(rest.slice(0, start - 1));
      answers.push(rest.slice(start, end).split('|').slice(1).join('|'));
      rest = rest.slice(end);
    }
    return answers;
  }
}

describe('the protocol of applications', () => {
  it('does nothing for a socket that has not said the secret, and closes it', async () => {
    const hand = new Hand();
    hand.say('m1|route|invite');
    await until(() => hand.closed);
    expect(hand.answers).toEqual(['response|m1|NO|not authenticated']);
    expect(server.counts().clients).toBe(0);
    expect(events).toContainEqual({ kind: 'client-refused', reason: 'not-authenticated' });
  });

  it('says that a secret is wrong, and closes', async () => {
    const hand = new Hand();
    hand.say('m1|authenticate|wrong|');
    await until(() => hand.closed);
    expect(hand.answers).toEqual(['response|m1|NO|incorrect secret']);
    await expect(connected(server, 'wrong')).rejects.toThrow('refused');
  });

  it('closes a socket that says nothing', async () => {
    const hand = new Hand();
    await once(hand.socket, 'connect');
    await until(() => clock.pending > 0);
    clock.advance(5_000);
    await until(() => hand.closed);
  });

  it('answers authenticate, route, ping and remove_route, however the bytes are cut', async () => {
    const hand = new Hand();
    const said = ['a|authenticate|right|tag', 'b|route|invite', 'c|ping', 'd|remove_route|invite', 'e|what']
      .map((text) => `${text.length}#${text}`)
      .join('');
    for (const char of said) hand.socket.write(char);
    await until(() => hand.answers.length === 5);
    const port = server.listenPoints[0]?.port;
    expect(hand.answers).toEqual([
      `response|a|OK|udp/127.0.0.1:${port}|v0.9.10-embedded|udp/127.0.0.1:${port}`,
      'response|b|OK',
      'response|c|OK|pong',
      'response|d|OK',
      'response|e|NOK|unknown message',
    ]);
    hand.socket.destroy();
    await until(() => server.counts().clients === 0);
  });

  it.each(['nonsense#', '0#', '99999999#', '9999999#x', '-1#x'])('closes a socket that sends %s', async (bytes) => {
    const hand = new Hand();
    hand.say('a|authenticate|right|');
    hand.socket.write(bytes);
    await until(() => hand.closed);
    expect(events).toContainEqual({ kind: 'client-refused', reason: 'message' });
  });

  it('counts lengths in bytes', () => {
    const framer = new ClientFramer(100);
    const bytes = Buffer.from('6#£uro!2#ok');
    const payloads = [...bytes].flatMap((byte) => framer.push(Buffer.from([byte])) ?? []);
    expect(payloads.map(String)).toEqual(['£uro!', 'ok']);
  });

  it('names a dialog, a transaction and a content type that it cannot find', async () => {
    const hand = new Hand();
    hand.say('a|authenticate|right|');
    hand.say('b|sip||nobody;from-tag=x\r\nBYE sip:placeholder SIP/2.0\r\n\r\n');
    hand.say('c|sip|gone|\r\nSIP/2.0 200 OK\r\n\r\n');
    hand.say('d|sip|gone|\r\nCANCEL sip:x@y SIP/2.0\r\n\r\n');
    await until(() => hand.answers.length === 4);
    expect(hand.answers.slice(1)).toEqual([
      'response|b|NOK|unable to find dialog nobody;from-tag=x',
      'response|c|NOK|Response not sent due to unknown transaction',
      'response|d|NOK|unable to find transaction to cancel',
    ]);
    hand.socket.destroy();
  });
});

describe('starting', () => {
  it('names the listen point that is in use, and leaves nothing open', async () => {
    const taken = `udp/127.0.0.1:${server.listenPoints[0]?.port}`;
    await expect(start(['tcp/127.0.0.1:0', taken])).rejects.toThrow(`cannot listen on ${taken}: EADDRINUSE`);
  });

  it.each(['udp/localhost:5060', 'sctp/127.0.0.1:5060', 'udp/127.0.0.1', 'udp/127.0.0.1:99999'])(
    'refuses %s as a listen point',
    async (text) => {
      await expect(start([text])).rejects.toThrow(`no listen point: ${text}`);
    },
  );

  it('names the port of applications that is in use', async () => {
    const options = { listen: ['udp/127.0.0.1:0'], secret: 's', observer: { observe: () => undefined } };
    const clients = { host: '127.0.0.1', port: server.clientPort };
    await expect(startSipServer({ ...options, clients })).rejects.toThrow(`${server.clientPort}: EADDRINUSE`);
  });

  it('serves IPv6 where the machine has it', async () => {
    const six = await start(['udp/[::1]:0']).catch(() => undefined);
    expect(six?.listenPoints[0]?.address ?? '::1').toBe('::1');
    await six?.close();
  });
});
