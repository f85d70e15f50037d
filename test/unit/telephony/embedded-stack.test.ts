import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type SipServer, startSipServer } from '../../../src/sip-server/sip-server.ts';
import { EmbeddedStack } from '../../../src/telephony/sip/embedded/embedded-stack.ts';
import type { DialEvents, DialogEvents, IncomingInvite, SipDialog } from '../../../src/telephony/sip-port.ts';
import { type ReceivedSip, SipPeer } from '../../support/sip-peer.ts';
import { answerTo, header, headersOf, sipRequest, tagOf } from '../../support/sip-text.ts';
import { sdp, until } from '../sip-server/two-servers.ts';

type Headers = [string, string][];
const typeOfSdp: [string, string] = ['Content-Type', 'application/sdp'];

let server: SipServer;
let stack: EmbeddedStack;
let peer: SipPeer;
let told: string[];
let dialogs: SipDialog[];
let arrived: IncomingInvite[];

const dialogEvents: DialogEvents = {
  hungUp: (reason) => told.push(`hung up: ${reason}`),
  offered: (_, responder) => responder.accept(sdp(3000)),
  acknowledged: (answer) => told.push(`acknowledged${answer === null ? '' : ' with an answer'}`),
  info: (type, body, responder) => {
    told.push(`info ${type} ${body.length}`);
    responder.accept(null);
  },
  referred: (user, replaces, responder) => {
    told.push(`referred to ${user}${replaces === null ? '' : ` for ${replaces}`}`);
    responder.acceptLater();
  },
};

const dialEvents: DialEvents = {
  progress: (status) => told.push(`progress ${status}`),
  answered: (dialog) => {
    dialogs.push(dialog);
    told.push('answered');
  },
  refused: (status, reason) => told.push(`refused ${status} ${reason}`.trim()),
  dialog: dialogEvents,
};

beforeEach(async () => {
  [told, dialogs, arrived] = [[], [], []];
  server = await startSipServer({
    listen: ['udp/127.0.0.1:0'],
    secret: randomUUID(),
    observer: { observe: () => undefined },
  });
  const observer = {
    linkUp: () => told.push('up'),
    dialogsLost: (lost: number) => told.push(`lost ${lost}`),
    unreadable: () => told.push('unreadable'),
  };
  stack = new EmbeddedStack(observer, 1800);
  stack.join(server, { invite: (invite) => arrived.push(invite), options: () => 503 });
  peer = await SipPeer.open();
});

afterEach(async () => {
  stack.close();
  await server.close();
  await peer.close();
});

const ourPlace = () => ({ address: '127.0.0.1', port: server.listenPoints[0]?.port ?? 0 });
const dial = (headers = {}) =>
  stack.dial(
    { uri: `sip:1001@${peer.hostPort}`, fromUser: '見本', fromName: '見本 太郎', headers, sdp: sdp(3000) },
    dialEvents,
  );
const reply = (request: ReceivedSip, line: string, headers: Headers = [], body = ''): void =>
  peer.send(answerTo(request, line, { toTag: 'far', headers, body }), request.from);
const contact = (): [string, string] => ['Contact', `<sip:1001@${peer.hostPort}>`];

/** A request of the peer. @param toTag of the dialog that it is in, if it is in one. */
function ask(
  method: string,
  cseq: number,
  { toTag = '', callId = 'a-call', headers = [] as Headers, body = '' } = {},
): void {
  const to = toTag === '' ? '<sip:1001@127.0.0.1>' : `<sip:1001@127.0.0.1>;tag=${toTag}`;
  const branch = `z9hG4bK${method === 'ACK' ? `ack${cseq}` : method === 'CANCEL' ? 'INVITE1' : `${method}${cseq}`}`;
  const from = '"Zoë" <sip:+81312345678@127.0.0.1>;tag=near';
  const { port } = ourPlace();
  const parts = { via: peer.hostPort, branch, from, to, callId, cseq, headers, body };
  peer.send(sipRequest(method, `sip:1001@127.0.0.1:${port}`, parts), ourPlace());
}

const call = (headers: Headers = []): void =>
  ask('INVITE', 1, { headers: [contact(), typeOfSdp, ...headers], body: sdp(4000) });

describe('an INVITE of ours', () => {
  async function answered(): Promise<ReceivedSip> {
    dial();
    const invite = await peer.awaitRequest('INVITE');
    reply(invite, '200 OK', [contact(), typeOfSdp], sdp(4000));
    await peer.awaitRequest('ACK');
    await until(() => dialogs.length === 1);
    return invite;
  }

  test('carries names in UTF-8, and the tags of the dialog are those on the wire', async () => {
    const invite = await answered();
    expect(header(invite, 'from')).toContain('"見本 太郎" <sip:%E8%A6%8B%E6%9C%AC@127.0.0.1');
    expect(dialogs[0]?.identity).toEqual({
      callId: header(invite, 'call-id'),
      localTag: tagOf(header(invite, 'from')),
      remoteTag: 'far',
      remoteTarget: `sip:1001@${peer.hostPort}`,
    });
  });

  test('goes once more with the session that the peer wants at least, and no third time (RFC 4028 §7.3)', async () => {
    dial();
    const first = await peer.awaitRequest('INVITE');
    expect(header(first, 'session-expires')).toBe('1800');
    reply(first, '422 Session Interval Too Small', [['Min-SE', '3600']]);
    const second = await peer.await('another INVITE', (m) => m.method === 'INVITE' && header(m, 'min-se') === '3600');
    expect(header(second, 'session-expires')).toBe('3600');
    reply(second, '422 Session Interval Too Small', [['Min-SE', '7200']]);
    await until(() => told.includes('refused 422 Session Interval Too Small'));
    expect(peer.log.filter(({ method, status }) => method === 'INVITE' && status === undefined)).toHaveLength(2);
  });

  test('stands by a 200 without a Contact: what was called is where it goes on', async () => {
    dial();
    const invite = await peer.awaitRequest('INVITE');
    reply(invite, '200 OK', [typeOfSdp], sdp(4000));
    await until(() => dialogs.length === 1);
    await peer.awaitRequest('ACK');
    const over = dialogs[0]?.bye('over');
    const bye = await peer.awaitRequest('BYE');
    expect(bye.startLine).toBe(`BYE sip:1001@${peer.hostPort} SIP/2.0`);
    expect(header(bye, 'reason')).toBe('SIP;cause=200;text="over"');
    reply(bye, '200 OK');
    await over;
    expect(server.counts().dialogs).toBe(0);
  });

  test('is cancelled once the peer has said something, and its end is told (RFC 3261 §9.1)', async () => {
    const outgoing = dial();
    outgoing.cancel();
    const invite = await peer.awaitRequest('INVITE');
    reply(invite, '180 Ringing');
    const cancel = await peer.awaitRequest('CANCEL');
    reply(cancel, '200 OK');
    reply(invite, '487 Request Terminated');
    await until(() => told.includes('refused 487 Request Terminated'));
    await peer.awaitRequest('ACK');
  });

  test.each([
    ['with an offer is told again what we offered', sdp(4002), sdp(3000)],
    ['without one is taken', '', ''],
  ])('an UPDATE before its answer %s (RFC 3311 §5.2)', async (_, offer, answer) => {
    dial();
    const invite = await peer.awaitRequest('INVITE');
    reply(invite, '183 Session Progress', [contact(), typeOfSdp], sdp(4000));
    await until(() => told.includes('progress 183'));
    const parts = {
      ...{ via: peer.hostPort, branch: 'z9hG4bKupdate', callId: header(invite, 'call-id'), cseq: 1 },
      ...{ from: `${header(invite, 'to')};tag=far`, to: header(invite, 'from') },
      ...{ headers: [contact(), ...(offer === '' ? [] : [typeOfSdp])], body: offer },
    };
    peer.send(sipRequest('UPDATE', 'sip:us@127.0.0.1', parts), ourPlace());
    expect((await peer.awaitResponse('UPDATE', 200)).body).toBe(answer);
  });

  test('in a dialog is acknowledged, and what the dialog is asked by the peer reaches the leg', async () => {
    const invite = await answered();
    const offering = dialogs[0]?.offer(sdp(3002));
    const again = await peer.await('re-INVITE', (m) => m.method === 'INVITE' && tagOf(header(m, 'to')) === 'far');
    reply(again, '200 OK', [contact(), typeOfSdp], sdp(4004));
    expect(await offering).toEqual({ status: 200, sdp: sdp(4004) });
    const within = {
      via: peer.hostPort,
      callId: header(invite, 'call-id'),
      from: header(again, 'to'),
      to: header(invite, 'from'),
    };
    const send = (method: string, cseq: number, headers: Headers, body = ''): void =>
      peer.send(
        sipRequest(method, 'sip:us@127.0.0.1', { ...within, branch: `z9hG4bKin${cseq}`, cseq, headers, body }),
        ourPlace(),
      );
    send('INFO', 1, [['Content-Type', 'text/x']], 'hello');
    await peer.awaitResponse('INFO', 200);
    send('REFER', 2, [contact(), ['Refer-To', '<sip:1002@x?Replaces=a%3Bto-tag%3Db%3Bfrom-tag%3Dc>']]);
    await peer.awaitResponse('REFER', 202);
    send('MESSAGE', 3, [['Content-Type', 'text/plain']], 'hi');
    expect(header(await peer.awaitResponse('MESSAGE', 405), 'allow')).toContain('INFO');
    send('BYE', 4, []);
    await peer.awaitResponse('BYE', 200);
    expect(told.slice(-3)).toEqual([
      'info text/x 5',
      'referred to 1002 for a;to-tag=b;from-tag=c',
      'hung up: normal release',
    ]);
    expect(await dialogs[0]?.offer(sdp(3004))).toEqual({ status: 481, sdp: null });
  });
});

describe('an INVITE from the network', () => {
  test('says who calls, and hands on what it may: what stands twice as one list', async () => {
    call([
      ['Diversion', '<sip:a@x>'],
      ['Diversion', '<sip:b@x>'],
      ['X-Case', 'Ü-1'],
      ['X-Tonelock-Call', 'forged'],
    ]);
    await until(() => arrived.length === 1);
    expect(arrived[0]).toMatchObject({
      ...{ user: '1001', fromUser: '+81312345678', fromName: 'Zoë', sdp: sdp(4000), replaces: null, way: null },
      handedOn: { Diversion: '<sip:a@x>, <sip:b@x>', 'X-Case': 'Ü-1' },
      source: { address: '127.0.0.1', port: peer.port, protocol: 'udp' },
    });
  });

  test('is answered: its ACK and its BYE reach the leg', async () => {
    call();
    await until(() => arrived.length === 1);
    arrived[0]?.answer(sdp(3000), dialogEvents, (dialog) => dialog && dialogs.push(dialog));
    const ok = await peer.awaitResponse('INVITE', 200);
    expect(ok.body).toBe(sdp(3000));
    expect(dialogs[0]?.identity).toEqual({
      ...{ callId: 'a-call', remoteTag: 'near', remoteTarget: `sip:1001@${peer.hostPort}` },
      localTag: tagOf(header(ok, 'to')),
    });
    const toTag = tagOf(header(ok, 'to'));
    ask('ACK', 1, { toTag });
    ask('BYE', 2, { toTag });
    await peer.awaitResponse('BYE', 200);
    expect(told.slice(-2)).toEqual(['acknowledged', 'hung up: normal release']);
  });

  test('that is cancelled is told so once, and takes no answer any more', async () => {
    call();
    await until(() => arrived.length === 1);
    arrived[0]?.onCancel(() => told.push('cancelled'));
    ask('CANCEL', 1);
    await peer.awaitResponse('INVITE', 487);
    await until(() => told.includes('cancelled'));
    arrived[0]?.answer(sdp(3000), dialogEvents, (dialog) => told.push(`dialog ${dialog}`));
    arrived[0]?.reject(486);
    expect(told.slice(-2)).toEqual(['cancelled', 'dialog undefined']);
    expect(server.counts().dialogs).toBe(0);
  });

  test('whose caller sends an UPDATE before the answer has it wait (RFC 3311 §5.2)', async () => {
    call();
    await until(() => arrived.length === 1);
    arrived[0]?.progress(180, null);
    const toTag = tagOf(header(await peer.awaitResponse('INVITE', 180), 'to'));
    ask('UPDATE', 2, { toTag, headers: [contact(), typeOfSdp], body: sdp(4002) });
    expect(header(await peer.awaitResponse('UPDATE', 500), 'retry-after')).toBe('5');
  });

  test('of old times, without a Contact, is refused with 400 and counted', async () => {
    const old = sipRequest('INVITE', 'sip:1001@127.0.0.1', {
      ...{ via: peer.hostPort, branch: '1', from: '<sip:old@x>;tag=o', to: '<sip:1001@x>', callId: 'old', cseq: 1 },
      headers: [typeOfSdp],
      body: sdp(4000),
    });
    peer.send(old, ourPlace());
    await peer.awaitResponse('INVITE', 400);
    expect(told).toContain('unreadable');
  });
});

test('an OPTIONS gets what the gateway says of itself', async () => {
  ask('OPTIONS', 1);
  expect(headersOf(await peer.awaitResponse('OPTIONS', 503), 'retry-after')).toEqual(['5']);
});

test('when the stack is closed whoever waits is told, and nothing can be sent', async () => {
  dial();
  const invite = await peer.awaitRequest('INVITE');
  reply(invite, '200 OK', [contact(), typeOfSdp], sdp(4000));
  await until(() => dialogs.length === 1);
  dial();
  const info = dialogs[0]?.info('text/x', 'a');
  await peer.awaitRequest('INFO');
  stack.close();
  stack.close();
  expect(await info).toBe(491);
  expect(told).toEqual(['up', 'answered', 'refused 503', 'hung up: sip-server-lost', 'lost 1']);
  dial();
  expect(told.at(-1)).toBe('refused 503');
  expect(stack.connected).toBe(false);
});
