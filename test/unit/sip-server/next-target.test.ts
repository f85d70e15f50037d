import { createServer } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { NameResolver } from '../../../src/sip-server/transport/name-resolver.ts';
import { freeSipPort, freeTcpPort } from '../../support/free-ports.ts';
import { SipPeer } from '../../support/sip-peer.ts';
import { answerTo, header } from '../../support/sip-text.ts';
import { Side, sdp, until } from './two-servers.ts';

let ports: number[];
let side: Side;
let peer: SipPeer;
/** What a name leads to: SRV records in the order of `ports`. */
const resolver: NameResolver = {
  naptr: async () => [],
  srv: async (name) =>
    name === '_sip._udp.trunk.example' || name === '_sip._tcp.trunk.example'
      ? ports.map((port, priority) => ({ priority, weight: 1, port, name: '127.0.0.1' }))
      : [],
  addresses: async () => [],
};

beforeEach(async () => {
  side = await Side.open({ resolver });
  peer = await SipPeer.open(await freeSipPort());
});

afterEach(async () => {
  await side.close();
  await peer.close();
});

const accept = (invite: Parameters<typeof header>[0]): string =>
  answerTo(invite, '200 OK', {
    toTag: 'far',
    headers: [
      ['Contact', `<sip:x@${peer.hostPort}>`],
      ['Content-Type', 'application/sdp'],
    ],
    body: sdp(4000),
  });

describe('a request whose first target is not there (RFC 3263 §4.3)', () => {
  it('goes on to the next by a transaction of its own, as the same call', async () => {
    ports = [await freeTcpPort(), peer.port];
    const second = await new Promise<ReturnType<typeof createServer>>((done) => {
      const server = createServer((socket) => {
        socket.once('data', (bytes) => {
          const text = String(bytes);
          const line = (name: string): string => new RegExp(`^${name}: .*`, 'm').exec(text)?.[0] ?? '';
          const head = [line('Via'), line('From'), `${line('To')};tag=t`, line('Call-ID'), line('CSeq')].join('\r\n');
          socket.write(`SIP/2.0 486 Busy Here\r\n${head}\r\nContent-Length: 0\r\n\r\n`);
        });
      });
      server.listen(peer.port, '127.0.0.1', () => done(server));
    });
    const call = side.app.createUAC('sip:x@trunk.example;transport=tcp', { localSdp: sdp(3000) });
    await expect(call).rejects.toMatchObject({ status: 486 });
    expect(side.events.filter(({ kind }) => kind === 'next-target')).toHaveLength(1);
    second.close();
  });

  it('goes on after a 503, and the application hears only the last answer', async () => {
    const full = await SipPeer.open();
    ports = [full.port, peer.port];
    const call = side.app.createUAC('sip:x@trunk.example', { localSdp: sdp(3000) });
    const first = await full.awaitRequest('INVITE');
    full.send(answerTo(first, '503 Service Unavailable', { toTag: 'full' }), first.from);
    const second = await peer.awaitRequest('INVITE');
    expect(header(second, 'call-id')).toBe(header(first, 'call-id'));
    expect(header(second, 'from')).toBe(header(first, 'from'));
    expect(header(second, 'via')).not.toBe(header(first, 'via'));
    peer.send(accept(second), second.from);
    await call;
    // The dialog is with the second: its ACK goes there.
    await peer.awaitRequest('ACK');
    expect(side.events.filter(({ kind }) => kind === 'next-target')).toHaveLength(1);
    await full.close();
  });

  it('tells the application 503 when there is no other', async () => {
    ports = [peer.port];
    const call = side.app.createUAC('sip:x@trunk.example', { localSdp: sdp(3000) });
    const invite = await peer.awaitRequest('INVITE');
    peer.send(answerTo(invite, '503 Service Unavailable', { toTag: 'full' }), invite.from);
    await expect(call).rejects.toMatchObject({ status: 503 });
  });
});

describe('a request of more than 1,300 bytes (RFC 3261 §18.1.1)', () => {
  const long = { localSdp: sdp(3000), headers: { 'X-Long': 'x'.repeat(1_300) } };

  it('goes by TCP where the peer has it', async () => {
    // The same port for both, as RFC 3261 wants it.
    const port = await freeSipPort();
    const both = await Side.open({ listen: [`udp/127.0.0.1:${port}`, `tcp/127.0.0.1:${port}`] });
    const protocol = new Promise<string>((done) => {
      both.app.invite((request, response) => {
        done((request as unknown as { protocol: string }).protocol);
        response.send(486);
      });
    });
    await until(() => both.server.counts().clients === 1);
    await expect(side.app.createUAC(`sip:x@127.0.0.1:${port}`, long)).rejects.toMatchObject({ status: 486 });
    expect(await protocol).toBe('tcp');
    await both.close();
  });

  it('goes by UDP to a peer without TCP, which is not asked for a connection the next time', async () => {
    for (let round = 0; round < 2; round += 1) {
      const call = side.app.createUAC(`sip:x@${peer.hostPort}`, long);
      const invite = await peer.awaitRequest('INVITE');
      expect(header(invite, 'via')).toMatch(/^SIP\/2.0\/UDP/);
      peer.send(answerTo(invite, '486 Busy Here', { toTag: 'b' }), invite.from);
      await expect(call).rejects.toMatchObject({ status: 486 });
      expect(side.events.filter(({ kind }) => kind === 'next-target')).toHaveLength(1);
    }
  });
});
