import { createSocket } from 'node:dgram';
import { once as nextEvent } from 'node:events';
import { networkInterfaces } from 'node:os';
import { describe, expect, it } from 'vitest';
import { stunAnswer } from '../../../src/sip-server/transport/stun-answer.ts';
import { SipPeer } from '../../support/sip-peer.ts';
import { answerTo, header } from '../../support/sip-text.ts';
import { type AppDialog, Side, sdp, until } from './two-servers.ts';

const hasIpv6 = Object.values(networkInterfaces()).some((found) => found?.some(({ address }) => address === '::1'));

/** RFC 5769 has a sample with more attributes; this is the bare form that telephones send. */
const binding = Buffer.from('000100002112a442b7e7a701bc34d686fa87dfae', 'hex');

describe('a keepalive by STUN (RFC 5626 §3.5.2)', () => {
  it('is answered with the address that it came from', () => {
    const answer = stunAnswer(binding, { address: '192.0.2.1', port: 32853 });
    // RFC 5769 §2.2 has the very same transaction, address and port.
    expect(answer?.toString('hex')).toBe('0101000c2112a442b7e7a701bc34d686fa87dfae002000080001a147e112a643');
  });

  it.each([
    ['a truncated one', binding.subarray(0, 19)],
    ['another length', Buffer.concat([binding, Buffer.from('x')])],
    ['another cookie', Buffer.concat([Buffer.from('0001000000000000', 'hex'), binding.subarray(8)])],
    ['an answer', Buffer.concat([Buffer.from('0101', 'hex'), binding.subarray(2)])],
    ['SIP', Buffer.from('OPTIONS sip:x@127.0.0.1 SIP/2.0\r\n\r\n')],
  ])('is not seen in %s', (_, bytes) => {
    expect(stunAnswer(bytes, { address: '192.0.2.1', port: 1 })).toBeUndefined();
  });

  it.each([
    [true, 1],
    [false, 0],
  ])('from a source whose being known is %s gets %i answers', async (known, answers) => {
    const side = await Side.open({ sources: { known: () => known, unknown: 'refuse' } });
    const socket = createSocket('udp4');
    let heard = 0;
    socket.on('message', () => {
      heard += 1;
    });
    socket.send(binding, side.port('udp'), '127.0.0.1');
    await nextEvent(socket, 'listening').catch(() => undefined);
    await new Promise((done) => setTimeout(done, 60));
    expect(heard).toBe(answers);
    socket.close();
    await side.close();
  });
});

describe('addresses', () => {
  it('are the advertised ones in Via and Contact of all that goes out, behind NAT', async () => {
    const side = await Side.open({ advertisedAddress: '203.0.113.7' });
    const peer = await SipPeer.open();
    const port = side.port('udp');
    const calling = side.app.createUAC(`sip:x@${peer.hostPort}`, { localSdp: sdp(3000) });
    const invite = await peer.awaitRequest('INVITE');
    expect(header(invite, 'via')).toContain(`203.0.113.7:${port}`);
    expect(header(invite, 'contact')).toContain(`203.0.113.7:${port}`);
    peer.send(
      answerTo(invite, '200 OK', {
        toTag: 'x',
        headers: [
          ['Contact', `<sip:x@${peer.hostPort}>`],
          ['Content-Type', 'application/sdp'],
        ],
        body: sdp(4000),
      }),
      invite.from,
    );
    const dialog = await calling;
    expect(header(await peer.awaitRequest('ACK'), 'via')).toContain('203.0.113.7');
    void dialog.destroy().catch(() => undefined);
    const bye = await peer.awaitRequest('BYE');
    peer.send(answerTo(bye, '200 OK'), bye.from);
    await until(() => side.server.counts().dialogs === 0);
    await peer.close();
    await side.close();
  });

  it.skipIf(!hasIpv6).each(['udp', 'tcp'] as const)(
    'may be of IPv6, over %s, through a whole call',
    async (protocol) => {
      const listen = ['udp/[::1]:0', 'tcp/[::1]:0'];
      const [near, far] = [await Side.open({ listen }), await Side.open({ listen })];
      await until(() => near.server.counts().clients === 1 && far.server.counts().clients === 1);
      const arrived = new Promise<AppDialog>((done) => {
        far.app.invite(
          (request, response) => void far.app.createUAS(request, response, { localSdp: sdp(4000) }).then(done),
        );
      });
      const tail = protocol === 'tcp' ? ';transport=tcp' : '';
      const dialog = await near.app.createUAC(`sip:x@[::1]:${far.port(protocol)}${tail}`, { localSdp: sdp(3000) });
      expect(dialog.local.contact).toContain('[::1]');
      const callee = await arrived;
      const ended = new Promise<void>((done) => dialog.on('destroy', () => done()));
      await callee.destroy();
      await ended;
      await near.close();
      await far.close();
    },
  );
});
