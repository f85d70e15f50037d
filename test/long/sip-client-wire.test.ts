import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ReceivedSip, SipPeer } from '../support/sip-peer.ts';
import { answerTo, header, sipRequest, tagOf } from '../support/sip-text.ts';
import { Side, sdp } from '../unit/sip-server/two-servers.ts';
import { WireHand, type WireMessage } from '../unit/sip-server/wire-hand.ts';

/* What drachtio's protocol says of each field, seen on the wire: drachtio-srf reads the fields by their numbers. */

let side: Side;
let hand: WireHand;
let peer: SipPeer;
const time = expect.stringMatching(/^\d\d:\d\d:\d\d\.\d{6}$/);
const uuid = expect.stringMatching(/^[0-9a-f-]{36}$/);
const dialogId = 'wire-1;from-tag=peer';

beforeEach(async () => {
  side = await Side.open();
  side.leave();
  hand = await WireHand.open(side.server.clientPort, 'test secret', ['invite', 'options']);
  peer = await SipPeer.open();
});

afterEach(async () => {
  hand.close();
  await peer.close();
  await side.close();
});

const at = (): { address: string; port: number } => ({ address: '127.0.0.1', port: side.port('udp') });

function send(
  method: string,
  cseq: number,
  more: { branch?: string; toTag?: string; headers?: [string, string][] } = {},
): void {
  const text = sipRequest(method, side.uri(), {
    via: peer.hostPort,
    branch: more.branch ?? `z9hG4bKwire${method}${cseq}`,
    from: `<sip:peer@${peer.hostPort}>;tag=peer`,
    to: `<${side.uri()}>${more.toTag === undefined ? '' : `;tag=${more.toTag}`}`,
    callId: 'wire-1',
    cseq,
    headers: [['Contact', `<sip:peer@${peer.hostPort}>`], ...(more.headers ?? [])],
  });
  peer.send(text, at());
}

const transactionOf = ({ fields }: WireMessage): string => fields[7] ?? '';
const answer = (transaction: string, line: string, ...rest: string[]): Promise<WireMessage> =>
  hand.ask(`sip|${transaction}|`, `SIP/2.0 ${line}`, ...(rest.length === 0 ? ['', ''] : rest));

async function invited(headers: [string, string][] = []): Promise<string> {
  send('INVITE', 1, { headers });
  return transactionOf(await hand.arrived('INVITE'));
}

describe('a call that comes in, field by field', () => {
  it('is 100 at once, and passed up with where it came from and was received; no dialog yet', async () => {
    send('INVITE', 1);
    await peer.awaitResponse('INVITE', 100);
    const { fields, bytes } = await hand.arrived('INVITE');
    expect(fields).toEqual([
      ...['sip', 'network', String(bytes), 'udp', '127.0.0.1', String(peer.port), time, uuid, ''],
      ...['127.0.0.1', String(side.port('udp')), ''],
    ]);
  });

  it('is answered with what is missing filled in, and the echo shows it: tag, Contact, type, dialog id', async () => {
    const transaction = await invited();
    const ringing = await answer(transaction, '180 Ringing');
    expect(ringing.fields).toEqual([
      ...['response', 'm4', 'OK', 'application', String(ringing.bytes), 'udp', '127.0.0.1', String(peer.port), time],
      ...[transaction, dialogId, '', 'Msg sent:', ''],
    ]);
    const body = sdp(4000);
    const ok = await answer(transaction, '200 OK', 'X-Own: kept', '', body);
    expect(ok.fields.slice(-5)).toEqual([transaction, dialogId, '', 'Msg sent:', '']);
    const sent = await peer.awaitResponse('INVITE', 200);
    expect(sent).toMatchObject({ startLine: ok.sip.startLine, headers: ok.sip.headers, body });
    expect(tagOf(header(sent, 'to'))).toBe(tagOf(header(ringing.sip, 'to')));
    expect(['contact', 'content-type', 'x-own'].map((name) => header(sent, name))).toEqual([
      `<sip:127.0.0.1:${side.port('udp')}>`,
      'application/sdp',
      'kept',
    ]);
    expect((await answer(transaction, '486 Busy Here')).fields.slice(2)).toEqual([
      'NOK',
      'Response not sent due to unknown transaction',
    ]);
    send('ACK', 1, { toTag: tagOf(header(sent, 'to')), branch: 'z9hG4bKack' });
    expect((await hand.arrived('ACK')).fields.slice(7, 9)).toEqual([transaction, dialogId]);
  });

  it('keeps the tag that the application chooses', async () => {
    const ok = await answer(await invited(), '200 OK', `To: <${side.uri()}>;tag=mine`, '', sdp(4000));
    expect(tagOf(header(ok.sip, 'to'))).toBe('mine');
    expect(tagOf(header(await peer.awaitResponse('INVITE', 200), 'to'))).toBe('mine');
  });

  it('is not answered with a body whose type nobody knows, and still can be with another', async () => {
    const transaction = await invited();
    const unknown = await answer(transaction, '200 OK', '', 'hello');
    expect(unknown.fields.slice(2)).toEqual(['NOK', 'missing content-type']);
    expect((await answer(transaction, '200 OK', '', sdp(4000))).fields[2]).toBe('OK');
  });

  it('passes what comes in the dialog up with a transaction of its own each, and the dialog id; BYE ends it', async () => {
    const transaction = await invited();
    const toTag = tagOf(header((await answer(transaction, '200 OK', '', sdp(4000))).sip, 'to'));
    send('ACK', 1, { toTag, branch: 'z9hG4bKack' });
    await hand.arrived('ACK');
    send('INFO', 2, { toTag });
    const info = await hand.arrived('INFO');
    expect(info.fields.slice(7, 9)).toEqual([uuid, dialogId]);
    expect(transactionOf(info)).not.toBe(transaction);
    await answer(transactionOf(info), '200 OK');
    send('BYE', 3, { toTag });
    const bye = await hand.arrived('BYE');
    expect(side.server.counts().dialogs).toBe(0);
    await answer(transactionOf(bye), '200 OK');
    expect((await peer.awaitResponse('BYE', 200)).status).toBe(200);
  });

  it('that is cancelled: 200, 487, and the CANCEL passed up as the INVITE’s; an answer comes too late', async () => {
    const transaction = await invited();
    await answer(transaction, '180 Ringing');
    send('CANCEL', 1, { branch: 'z9hG4bKwireINVITE1' });
    expect((await peer.awaitResponse('CANCEL', 200)).status).toBe(200);
    await peer.awaitResponse('INVITE', 487);
    expect((await hand.arrived('CANCEL')).fields.slice(7, 9)).toEqual([transaction, dialogId]);
    expect((await answer(transaction, '200 OK')).fields.slice(2)).toEqual([
      'NOK',
      'Response not sent due to unknown transaction',
    ]);
  });

  it('gets no reliable answer where its caller cannot take one (RFC 3262 §3)', async () => {
    const reply = await answer(await invited(), '183 Session Progress', 'Require: 100rel', '', sdp(4000));
    expect(reply.fields[2]).toBe('NOK');
  });

  it('takes a PRACK by the number of its answer, with the dialog, and an UPDATE; a second one meanwhile is 500', async () => {
    const transaction = await invited([['Supported', '100rel']]);
    const early = await answer(transaction, '183 Session Progress', 'Require: 100rel', '', sdp(4000));
    const toTag = tagOf(header(early.sip, 'to'));
    send('PRACK', 2, { toTag, headers: [['RAck', `${header(early.sip, 'rseq')} 1 INVITE`]] });
    const prack = await hand.arrived('PRACK');
    expect(prack.fields[8]).toBe(dialogId);
    expect(transactionOf(prack)).not.toBe(transaction);
    await answer(transactionOf(prack), '200 OK');
    send('UPDATE', 3, { toTag });
    const update = await hand.arrived('UPDATE');
    send('UPDATE', 4, { toTag });
    expect(header(await peer.awaitResponse('UPDATE', 500), 'retry-after')).not.toBe('');
    await answer(transactionOf(update), '200 OK', 'CSeq: 3 UPDATE', '', '');
    expect((await peer.awaitResponse('UPDATE', 200)).status).toBe(200);
  });
});

describe('a call that goes out, field by field', () => {
  const calling = (...headers: string[]): Promise<WireMessage> =>
    hand.ask('sip||', `INVITE sip:bob@${peer.hostPort} SIP/2.0`, ...headers, '', sdp(4000));

  function reply(request: ReceivedSip, line: string, toTag = 'bob', body = ''): void {
    const headers: [string, string][] = [['Contact', `<sip:bob@${peer.hostPort};x=1>`]];
    if (body !== '') headers.push(['Content-Type', 'application/sdp']);
    peer.send(answerTo(request, line, { toTag, headers, body }), request.from);
  }

  /** @returns what the application knows it by. */
  async function answered(): Promise<{ transaction: string; dialog: string; invite: ReceivedSip }> {
    const transaction = (await calling()).fields[9] ?? '';
    const invite = await peer.awaitRequest('INVITE');
    reply(invite, '200 OK', 'bob', sdp(5000));
    const dialog = (await hand.arrived(200)).fields[8] ?? '';
    await hand.ask(`sip||${dialog}`, 'ACK sip:placeholder SIP/2.0', '', '');
    await peer.awaitRequest('ACK');
    return { transaction, dialog, invite };
  }

  it('goes with what was missing, without what an application may not set, and the echo shows all of it', async () => {
    const forbidden = ['Via: x', 'Route: <sip:x>', 'RSeq: 1', 'Record-Route: <sip:x>', 'Content-Length: 7'];
    const echo = await calling(...forbidden, 'From: <sip:ann@localhost>', 'X-Own: kept');
    expect(echo.fields).toEqual([
      ...['response', 'm4', 'OK', 'application', String(echo.bytes), 'udp', '127.0.0.1', String(peer.port), time],
      ...[uuid, 'Msg sent:', ''],
    ]);
    const invite = await peer.awaitRequest('INVITE');
    expect(echo.sip).toMatchObject({ startLine: invite.startLine, headers: invite.headers, body: sdp(4000) });
    const own = `127.0.0.1:${side.port('udp')}`;
    expect(header(invite, 'via')).toMatch(/^SIP\/2\.0\/UDP 127\.0\.0\.1:\d+;.*rport/);
    expect(header(invite, 'from')).toMatch(/^<sip:ann@127\.0\.0\.1(:\d+)?>;tag=.+/);
    expect(['to', 'max-forwards', 'contact', 'content-type', 'x-own'].map((name) => header(invite, name))).toEqual([
      ...[`<sip:bob@${peer.hostPort}>`, '70', `<sip:${own}>`, 'application/sdp', 'kept'],
    ]);
    expect(invite.headers.filter(([name]) => /^(route|rseq|record-route)$/i.test(name))).toEqual([]);
    expect(header(invite, 'content-length')).toBe(String(Buffer.byteLength(sdp(4000))));
  });

  it('goes to the next hop that is named, whatever the Request-URI says', async () => {
    await hand.ask(`sip|||sip:${peer.hostPort}`, 'OPTIONS sip:bob@192.0.2.1 SIP/2.0', '', '');
    expect((await peer.awaitRequest('OPTIONS')).startLine).toBe('OPTIONS sip:bob@192.0.2.1 SIP/2.0');
  });

  it('has its dialog id on each answer from the first on; ACK and BYE go where the Contact says', async () => {
    const transaction = (await calling()).fields[9];
    const invite = await peer.awaitRequest('INVITE');
    const dialog = `${header(invite, 'call-id')};from-tag=${tagOf(header(invite, 'from'))}`;
    reply(invite, '180 Ringing');
    expect((await hand.arrived(180)).fields.slice(7, 9)).toEqual([transaction, dialog]);
    reply(invite, '200 OK', 'bob', sdp(5000));
    const ok = await hand.arrived(200);
    expect(ok.fields).toEqual([
      ...['sip', 'network', String(ok.bytes), 'udp', '127.0.0.1', String(peer.port), time, transaction, dialog, ''],
    ]);
    expect((await hand.ask(`sip||${dialog}`, 'ACK sip:placeholder SIP/2.0', '', '')).fields[2]).toBe('OK');
    const ack = await peer.awaitRequest('ACK');
    expect([ack.startLine, header(ack, 'cseq')]).toEqual([
      `ACK sip:bob@${peer.hostPort};x=1 SIP/2.0`,
      header(invite, 'cseq').replace('INVITE', 'ACK'),
    ]);
    await hand.ask(`sip||${dialog}`, 'BYE sip:placeholder SIP/2.0', '', '');
    const bye = await peer.awaitRequest('BYE');
    expect(bye.startLine).toBe(`BYE sip:bob@${peer.hostPort};x=1 SIP/2.0`);
    reply(bye, '200 OK');
    expect((await hand.arrived(200)).fields[8]).toBe(dialog);
    expect(side.server.counts().dialogs).toBe(0);
  });

  it('that is cancelled: the Reason goes along, the 487 comes up and the 200 does not; its ACK is the server’s own', async () => {
    const transaction = (await calling()).fields[9] ?? '';
    const invite = await peer.awaitRequest('INVITE');
    reply(invite, '180 Ringing');
    const dialog = (await hand.arrived(180)).fields[8];
    await hand.ask(`sip|${transaction}|`, 'CANCEL sip:placeholder SIP/2.0', 'Reason: SIP;cause=200', '', '');
    const cancel = await peer.awaitRequest('CANCEL');
    expect(header(cancel, 'reason')).toBe('SIP;cause=200');
    reply(cancel, '200 OK');
    reply(invite, '487 Request Terminated');
    expect(transactionOf(await hand.arrived(487))).toBe(transaction);
    await peer.awaitRequest('ACK');
    expect(hand.messages.filter(({ sip }) => sip.status === 200)).toEqual([]);
    expect((await hand.ask(`sip||${dialog}`, 'ACK sip:placeholder SIP/2.0', '', '')).fields[2]).toBe('NOK');
  });

  it('that is hung up beside a re-INVITE of its own: that is cancelled first', async () => {
    const { dialog } = await answered();
    await hand.ask(`sip||${dialog}`, 'INVITE sip:placeholder SIP/2.0', '', sdp(4002));
    const again = await peer.awaitRequest('INVITE');
    reply(again, '100 Trying');
    await hand.ask(`sip||${dialog}`, 'BYE sip:placeholder SIP/2.0', '', '');
    await peer.awaitRequest('CANCEL');
    expect((await peer.awaitRequest('BYE')).method).toBe('BYE');
  });

  it.each([
    ['a transport that is not there', 'sip:x@127.0.0.1:9;transport=sctp', 'requested protocol/transport not available'],
    ['itself', 'itself', 'can not send request to myself'],
  ])('to %s is not sent, and the reason is drachtio-server’s', async (_, uri, reason) => {
    const target = uri === 'itself' ? side.uri() : uri;
    const { fields } = await hand.ask('sip||', `OPTIONS ${target} SIP/2.0`, '', '');
    expect(fields.slice(2)).toEqual(['NOK', reason]);
  });
});
