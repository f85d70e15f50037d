import { describe, expect, it } from 'vitest';
import { defaultSipServerLimits } from '../../../src/sip-server/sip-server-limits.ts';
import type { SipServerEvent } from '../../../src/sip-server/sip-server-observer.ts';
import type { Flow } from '../../../src/sip-server/transport/flow.ts';
import { SourceGuard } from '../../../src/sip-server/transport/source-guard.ts';
import { FakeClock } from '../../support/fake-clock.ts';
import { SipPeer } from '../../support/sip-peer.ts';
import { answerTo, header, sipRequest } from '../../support/sip-text.ts';
import { Side, sdp } from './two-servers.ts';

const from = (address: string): Flow => ({
  protocol: 'udp',
  local: { address: '127.0.0.1', port: 5060 },
  remote: { address, port: 5061 },
  connection: undefined,
});

const trunk = from('192.0.2.1');
const stranger = from('203.0.113.9');

function guard(unknown: 'refuse' | 'ignore' = 'refuse') {
  const clock = new FakeClock();
  const seen: SipServerEvent[] = [];
  const limits = { ...defaultSipServerLimits, requestsPerSource: 100, watchedSources: 50 };
  const observer = { observe: (event: SipServerEvent) => void seen.push(event) };
  const policy = { known: ({ address }: { address: string }) => address === '192.0.2.1', unknown };
  return { guard: new SourceGuard(policy, { clock, limits, observer }), clock, seen };
}

describe('the guard of sources', () => {
  it('refuses a stranger whatever it asks, or says nothing to it, as configured', () => {
    expect(guard('refuse').guard.judge(stranger)).toBe('refuse');
    expect(guard('ignore').guard.judge(stranger)).toBe('ignore');
  });

  it('hears a stranger no more for ten minutes once it asks too fast', () => {
    const { guard: it, clock } = guard();
    const verdicts = Array.from({ length: 60 }, () => it.judge(stranger));
    expect(verdicts.filter((verdict) => verdict === 'refuse')).toHaveLength(40);
    clock.advance(599_000);
    expect(it.judge(stranger)).toBe('ignore');
    clock.advance(2_000);
    expect(it.judge(stranger)).toBe('refuse');
  });

  it('hears a stranger no more after five messages that are none', () => {
    const { guard: it } = guard();
    expect(Array.from({ length: 7 }, () => it.answersFault(stranger))).toEqual([
      ...[true, true, true, true, true],
      ...[false, false],
    ]);
    expect(it.judge(stranger)).toBe('ignore');
  });

  it('only sheds what a trunk sends too fast, and takes it again at once when it has slowed down', () => {
    const { guard: it, clock } = guard();
    const verdicts = Array.from({ length: 300 }, () => it.judge(trunk));
    expect(verdicts.filter((verdict) => verdict === 'admit')).toHaveLength(200);
    expect(new Set(verdicts.slice(200))).toEqual(new Set(['shed']));
    clock.advance(100);
    expect(it.judge(trunk)).toBe('admit');
    expect(Array.from({ length: 20 }, () => it.answersFault(trunk))).not.toContain(false);
  });

  it('remembers a bounded number of addresses', () => {
    const { guard: it } = guard();
    for (let n = 0; n < 5_000; n += 1) it.judge(from(`203.0.${n >> 8}.${n & 255}`));
    expect(it.watched).toBe(50);
  });
});

describe('a server that knows its sources', () => {
  const invite = (peer: SipPeer, uri: string, method = 'INVITE', branch = 'a'): string =>
    sipRequest(method, uri, {
      via: peer.hostPort,
      branch: `z9hG4bK-${branch}`,
      from: '<sip:100@scanner>;tag=1',
      to: `<${uri}>`,
      callId: `scan-${branch}`,
      cseq: 1,
      body: sdp(4000),
      headers: [
        ['Contact', `<sip:100@${peer.hostPort}>`],
        ['Content-Type', 'application/sdp'],
      ],
    });

  it('answers a stranger 403 to every method and user alike, and keeps nothing of it', async () => {
    const side = await Side.open({ sources: { known: () => false, unknown: 'refuse' } });
    const peer = await SipPeer.open();
    const answers = [];
    for (const [n, method] of ['INVITE', 'OPTIONS', 'REGISTER', 'SUBSCRIBE', 'BYE', 'INFO'].entries()) {
      peer.send(invite(peer, side.uri('udp', `${100 + n}`), method, String(n)), {
        address: '127.0.0.1',
        port: side.port('udp'),
      });
      answers.push(await peer.await('answer', ({ status }) => status !== undefined));
    }
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(403));
    // Nothing in it says what stands here.
    for (const answer of answers) {
      for (const name of ['server', 'user-agent', 'allow', 'www-authenticate']) expect(header(answer, name)).toBe('');
    }
    expect(side.server.counts().transactions).toBe(0);
    expect(side.events.filter(({ kind }) => kind === 'source-refused')).toHaveLength(6);
    await peer.close();
    await side.close();
  });

  it('says nothing at all to a stranger where it is told so, but hears the far end of its own calls', async () => {
    const side = await Side.open({ sources: { known: () => false, unknown: 'ignore' } });
    const peer = await SipPeer.open();
    const gateway = { address: '127.0.0.1', port: side.port('udp') };
    const calling = side.app.createUAC(`sip:x@${peer.hostPort}`, { localSdp: sdp(3000) });
    const arrived = await peer.awaitRequest('INVITE');
    peer.send(invite(peer, side.uri()), gateway);
    peer.send('nonsense\r\n\r\n', gateway);
    peer.send(answerWithContact(arrived, peer), gateway);
    const dialog = await calling;
    const ended = new Promise<void>((done) => dialog.on('destroy', () => done()));
    const ack = await peer.awaitRequest('ACK');
    const bye = sipRequest('BYE', side.uri(), {
      via: peer.hostPort,
      branch: 'z9hG4bK-bye',
      from: header(ack, 'to'),
      to: header(ack, 'from'),
      callId: header(ack, 'call-id'),
      cseq: 1,
    });
    peer.send(bye, gateway);
    await ended;
    expect((await peer.await('answer', ({ status }) => status !== undefined)).status).toBe(200);
    expect(side.events.filter(({ kind }) => kind === 'rejected')).toEqual([]);
    await peer.close();
    await side.close();
  });
});

it('refuses an INVITE that says nowhere to call back, and keeps no dialog of it (RFC 3261 §8.1.1.8)', async () => {
  const side = await Side.open();
  const peer = await SipPeer.open();
  side.app.invite((_, response) => response.send(486));
  const parts = { from: '<sip:a@b>;tag=1', to: '<sip:c@d>', callId: 'x', cseq: 1, body: sdp(4000) };
  const headers: [string, string][] = [['Content-Type', 'application/sdp']];
  const bare = sipRequest('INVITE', side.uri(), { via: peer.hostPort, branch: 'z9hG4bK-bare', ...parts, headers });
  peer.send(bare, { address: '127.0.0.1', port: side.port('udp') });
  expect((await peer.awaitResponse('INVITE', 400)).status).toBe(400);
  expect(side.server.counts().dialogs).toBe(0);
  await peer.close();
  await side.close();
});

const answerWithContact = (request: Parameters<typeof header>[0], peer: SipPeer): string =>
  answerTo(request, '200 OK', {
    toTag: 'far',
    headers: [
      ['Contact', `<sip:x@${peer.hostPort}>`],
      ['Content-Type', 'application/sdp'],
    ],
    body: sdp(4000),
  });
