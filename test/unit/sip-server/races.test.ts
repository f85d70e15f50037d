import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { FakeClock, settle } from '../../support/fake-clock.ts';
import { type ReceivedSip, SipPeer } from '../../support/sip-peer.ts';
import { answerTo, header, sipRequest, tagOf } from '../../support/sip-text.ts';
import { type AppDialog, type AppRequest, type AppResponse, once, Side, sdp, until } from './two-servers.ts';

let clock: FakeClock;
let side: Side;
let peer: SipPeer;
let branch = 0;

beforeEach(async () => {
  clock = new FakeClock();
  side = await Side.open({ clock });
  peer = await SipPeer.open();
});

afterEach(async () => {
  await side.close();
  await peer.close();
  expect(clock.pending).toBe(0);
});

const server = () => ({ address: '127.0.0.1', port: side.port('udp') });

function request(
  method: string,
  cseq: number,
  more: { branch?: string; toTag?: string; headers?: [string, string][] } = {},
) {
  branch += 1;
  return sipRequest(method, side.uri(), {
    via: peer.hostPort,
    branch: more.branch ?? `z9hG4bKtest${branch}`,
    from: `<sip:peer@${peer.hostPort}>;tag=peer`,
    to: `<${side.uri()}>${more.toTag === undefined ? '' : `;tag=${more.toTag}`}`,
    callId: 'call-1',
    cseq,
    headers: [['Contact', `<sip:peer@${peer.hostPort}>`], ...(more.headers ?? [])],
  });
}

const send = (text: string) => peer.send(text, server());

/** Turns the hands a little at a time, so that the sockets come along. */
async function pass(ms: number, stepMs = 250): Promise<void> {
  for (let passed = 0; passed < ms; passed += stepMs) {
    await clock.run(stepMs);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

async function quiet(): Promise<void> {
  for (let round = 0; round < 10; round++) await settle();
  await new Promise((resolve) => setTimeout(resolve, 20));
}

const countOf = (status: number, method: string) =>
  peer.log.filter((message) => message.status === status && message.method === method).length;

/** A call from the peer that the application answers; its ACK has not been sent. */
async function answeredCall(): Promise<{ dialog: AppDialog; ok: ReceivedSip; toTag: string; branch: string }> {
  const made = new Promise<AppDialog>((resolve) => {
    side.app.invite((req, res) => void side.app.createUAS(req, res, { localSdp: sdp(4000) }).then(resolve));
  });
  await until(() => side.server.counts().clients === 1);
  await quiet();
  send(request('INVITE', 1, { branch: 'z9hG4bKinvite' }));
  const ok = await peer.awaitResponse('INVITE', 200);
  return { dialog: await made, ok, toTag: tagOf(header(ok, 'to')), branch: 'z9hG4bKinvite' };
}

describe('a call that the peer makes', () => {
  it('ends with BYE and reason when the ACK never comes, and the application hears of it', async () => {
    const { dialog } = await answeredCall();
    const ended = once<[AppRequest, unknown]>((listener) => dialog.on('destroy', listener as never));
    await pass(33_000);
    const [, reason] = await ended;
    expect(reason).toBe('ACK timeout');
    expect(header(await peer.awaitRequest('BYE'), 'reason')).toContain('ACK timeout');
    expect(countOf(200, 'INVITE')).toBe(11);
    expect(side.server.counts().dialogs).toBe(0);
    await pass(33_000);
    expect(side.server.counts().transactions).toBe(0);
  });

  it('repeats its 200 only until the ACK, and passes the ACK up once', async () => {
    const { dialog, toTag } = await answeredCall();
    let acks = 0;
    dialog.on('ack', () => {
      acks += 1;
    });
    await pass(600);
    send(request('ACK', 1, { toTag }));
    send(request('ACK', 1, { toTag }));
    await quiet();
    await pass(33_000);
    expect([countOf(200, 'INVITE'), acks]).toEqual([2, 1]);
    expect(side.server.counts()).toMatchObject({ dialogs: 1, transactions: 0 });
  });

  it('holds a BYE and a re-INVITE of the application back until the ACK (RFC 3261 §14.1, §15)', async () => {
    const { dialog, toTag } = await answeredCall();
    dialog.modify(sdp(4002)).catch(() => undefined);
    dialog.destroy().catch(() => undefined);
    await quiet();
    expect(peer.log.filter((message) => message.status === undefined)).toEqual([]);
    send(request('ACK', 1, { toTag }));
    await peer.awaitRequest('INVITE');
    const bye = await peer.awaitRequest('BYE');
    send(answerTo(bye, '200 OK'));
    await until(() => side.server.counts().dialogs === 0);
    await pass(70_000);
  });

  it('is 481 and BYE when a CANCEL crosses the 200', async () => {
    const { dialog, branch: same } = await answeredCall();
    const ended = once<[AppRequest]>((listener) => dialog.on('destroy', listener as never));
    send(request('CANCEL', 1, { branch: same }).replace(/Contact:.*\r\n/, ''));
    await peer.awaitResponse('CANCEL', 481);
    await ended;
    await peer.awaitRequest('BYE');
    expect(side.server.counts().dialogs).toBe(0);
    await pass(70_000);
  });

  it('is passed up once however often the INVITE comes, and answered alike each time', async () => {
    let arrived = 0;
    side.app.invite((_, response) => {
      arrived += 1;
      response.send(486);
    });
    await quiet();
    const invite = request('INVITE', 1, { branch: 'z9hG4bKsame' });
    for (let round = 0; round < 3; round++) {
      send(invite);
      await peer.awaitResponse('INVITE', 486);
    }
    expect(arrived).toBe(1);
    send(request('ACK', 1, { branch: 'z9hG4bKsame' }));
    await quiet();
    await pass(6_000);
    expect(side.server.counts().transactions).toBe(0);
  });

  it('is 482 when it comes by two ways (RFC 3261 §8.2.2.2)', async () => {
    side.app.invite((_, response) => response.send(180));
    await quiet();
    send(request('INVITE', 1));
    await peer.awaitResponse('INVITE', 180);
    send(request('INVITE', 1));
    await peer.awaitResponse('INVITE', 482);
    await pass(300_000, 2_000);
  });

  it('is 408 when no application answers, and the application hears a CANCEL', async () => {
    const cancelled = new Promise((resolve) => {
      side.app.invite((req) => req.on('cancel', resolve));
    });
    await quiet();
    send(request('INVITE', 1));
    await peer.awaitResponse('INVITE', 100);
    await pass(65_000, 500);
    await peer.awaitResponse('INVITE', 408);
    await cancelled;
    await pass(70_000, 500);
    expect(side.server.counts()).toMatchObject({ dialogs: 0, transactions: 0 });
  });

  it('ends early with its BYE: 200 and 487 (RFC 3261 §15.1.2)', async () => {
    side.app.invite((_, response) => response.send(180));
    await quiet();
    send(request('INVITE', 1));
    const ringing = await peer.awaitResponse('INVITE', 180);
    send(request('BYE', 2, { toTag: tagOf(header(ringing, 'to')) }));
    await peer.awaitResponse('BYE', 200);
    await peer.awaitResponse('INVITE', 487);
    expect(side.server.counts().dialogs).toBe(0);
    await pass(70_000, 500);
  });

  it('refuses a second INVITE beside an unanswered one with 500, and one beside its own with 491 (RFC 3261 §14.2)', async () => {
    const { dialog, toTag } = await answeredCall();
    send(request('ACK', 1, { toTag }));
    dialog.on('modify', (_, response) => setTimeout(() => response.send(200, { body: sdp(4000) }), 50));
    await quiet();
    send(request('INVITE', 2, { toTag }));
    send(request('INVITE', 3, { toTag }));
    expect(header(await peer.awaitResponse('INVITE', 500), 'retry-after')).not.toBe('');
    await peer.awaitResponse('INVITE', 200);
    send(request('ACK', 2, { toTag }));
    await quiet();
    dialog.modify(sdp(4004)).catch(() => undefined);
    const ours = await peer.awaitRequest('INVITE');
    send(request('INVITE', 4, { toTag }));
    await peer.awaitResponse('INVITE', 491);
    send(answerTo(ours, '200 OK', { headers: [['Contact', `<sip:peer@${peer.hostPort}>`]] }));
    await peer.awaitRequest('ACK');
    await pass(70_000, 500);
  });

  it('takes no request out of order: 500 for a CSeq that is too low (RFC 3261 §12.2.2)', async () => {
    const { toTag } = await answeredCall();
    send(request('ACK', 1, { toTag }));
    send(request('INFO', 9, { toTag }));
    await peer.awaitResponse('INFO', 200);
    send(request('INFO', 8, { toTag }));
    await peer.awaitResponse('INFO', 500);
    await pass(35_000);
  });
});

describe('a call that the application makes', () => {
  const target = () => `sip:peer@${peer.hostPort}`;
  const contact: [string, string] = ['Contact', '<sip:peer@127.0.0.1:9>'];
  const here = (): [string, string] => ['Contact', `<sip:peer@${peer.hostPort}>`];

  it('repeats its ACK whenever the 200 comes again', async () => {
    const calling = side.app.createUAC(target(), { localSdp: sdp(3000) });
    const invite = await peer.awaitRequest('INVITE');
    const ok = answerTo(invite, '200 OK', { toTag: 'a', headers: [here()], body: sdp(4000) });
    send(ok);
    const first = await peer.awaitRequest('ACK');
    await calling;
    send(ok);
    const second = await peer.awaitRequest('ACK');
    expect(second).toMatchObject({ startLine: first.startLine, headers: first.headers });
    await pass(33_000);
    send(ok);
    await peer.awaitRequest('ACK');
    await pass(33_000);
  });

  it('acknowledges and ends the branch of a fork that answers second (RFC 3261 §13.2.2.4)', async () => {
    const calling = side.app.createUAC(target(), { localSdp: sdp(3000) });
    const invite = await peer.awaitRequest('INVITE');
    for (const toTag of ['a', 'b']) send(answerTo(invite, '180 Ringing', { toTag, headers: [here()] }));
    send(answerTo(invite, '200 OK', { toTag: 'b', headers: [here()], body: sdp(4000) }));
    const dialog = await calling;
    expect(dialog.sip.remoteTag).toBe('b');
    send(answerTo(invite, '200 OK', { toTag: 'a', headers: [here()], body: sdp(4002) }));
    const bye = await peer.awaitRequest('BYE');
    expect(tagOf(header(bye, 'to'))).toBe('a');
    send(answerTo(bye, '200 OK'));
    await quiet();
    expect(peer.log.filter((message) => message.method === 'ACK')).toHaveLength(2);
    expect(side.server.counts().dialogs).toBe(1);
    await pass(40_000);
  });

  it('is acknowledged and ended when the 200 crosses the CANCEL', async () => {
    let sent: AppRequest | undefined;
    const calling = side.app.createUAC(
      target(),
      { localSdp: sdp(3000) },
      {
        cbRequest: (_: unknown, req: AppRequest) => {
          sent = req;
        },
      },
    );
    const invite = await peer.awaitRequest('INVITE');
    send(answerTo(invite, '180 Ringing', { toTag: 'a', headers: [here()] }));
    await quiet();
    sent?.cancel();
    await peer.awaitRequest('CANCEL');
    send(answerTo(invite, '200 OK', { toTag: 'a', headers: [here()], body: sdp(4000) }));
    await peer.awaitRequest('ACK');
    await peer.awaitRequest('BYE');
    await calling;
    expect(side.server.counts().dialogs).toBe(0);
    await pass(70_000, 500);
  });

  it('sends a CANCEL only after a provisional answer, and ends with 487 if none ever comes', async () => {
    const calling = side.app.createUAC(
      target(),
      { localSdp: sdp(3000) },
      {
        cbRequest: (_: unknown, req: AppRequest) => req.cancel(),
      },
    );
    const refused = calling.catch((error: { status: number }) => error.status);
    await peer.awaitRequest('INVITE');
    await pass(33_000);
    expect(await refused).toBe(487);
    expect(peer.log.map((message) => message.method)).not.toContain('CANCEL');
  });

  it('fails with 408 when nobody answers', async () => {
    const refused = side.app
      .createUAC(target(), { localSdp: sdp(1) })
      .catch((error: { status: number }) => error.status);
    await peer.awaitRequest('INVITE');
    await pass(33_000);
    expect(await refused).toBe(408);
    expect(peer.log).toHaveLength(7);
  });

  it('goes back the way it came where the peer names a private address that is not its own', async () => {
    const calling = side.app.createUAC(target(), { localSdp: sdp(3000) });
    const invite = await peer.awaitRequest('INVITE');
    send(answerTo(invite, '200 OK', { toTag: 'a', headers: [['Contact', '<sip:peer@10.1.2.3:5060>']], body: sdp(1) }));
    const ack = await peer.awaitRequest('ACK');
    expect(ack.startLine).toBe('ACK sip:peer@10.1.2.3:5060 SIP/2.0');
    await calling;
    await pass(33_000);
  });

  it('follows loose routes, and strict ones (RFC 3261 §12.2.1.1)', async () => {
    for (const [route, uri, routes] of [
      [`<sip:${peer.hostPort};lr>`, contact[1].slice(1, -1), [`<sip:${peer.hostPort};lr>`]],
      [`<sip:${peer.hostPort}>`, `sip:${peer.hostPort}`, [contact[1]]],
    ] as const) {
      const calling = side.app.createUAC(target(), { localSdp: sdp(3000) });
      const invite = await peer.awaitRequest('INVITE');
      send(answerTo(invite, '200 OK', { toTag: 'a', headers: [['Record-Route', route], contact], body: sdp(1) }));
      const ack = await peer.awaitRequest('ACK');
      expect(ack.startLine).toBe(`ACK ${uri} SIP/2.0`);
      expect(ack.headers.filter(([name]) => name === 'route').map(([, value]) => value)).toEqual(routes);
      await calling;
    }
    await pass(33_000);
  });

  it('does not pass a reliable provisional answer up again that is repeated (RFC 3262 §4)', async () => {
    const heard: number[] = [];
    const calling = side.app.createUAC(
      target(),
      { localSdp: sdp(1), headers: { Supported: '100rel' } },
      {
        cbProvisional: (response: AppResponse) => heard.push(response.status),
      },
    );
    const invite = await peer.awaitRequest('INVITE');
    const reliable = (rseq: number) =>
      answerTo(invite, '183 Progress', {
        toTag: 'a',
        headers: [here(), ['Require', '100rel'], ['RSeq', String(rseq)]],
      });
    send(reliable(7));
    const prack = await peer.awaitRequest('PRACK');
    expect(header(prack, 'rack')).toBe(`7 ${header(invite, 'cseq')}`);
    send(answerTo(prack, '200 OK'));
    send(reliable(7));
    send(reliable(9));
    send(reliable(8));
    send(answerTo(await peer.awaitRequest('PRACK'), '200 OK'));
    await quiet();
    expect(heard).toEqual([183, 183]);
    send(answerTo(invite, '200 OK', { toTag: 'a', headers: [here()], body: sdp(1) }));
    await calling;
    await pass(33_000);
  });
});
