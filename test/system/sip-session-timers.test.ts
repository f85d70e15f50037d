import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ReceivedSip, SipPeer } from '../support/sip-peer.ts';
import { answerTo, header, tagOf } from '../support/sip-text.ts';
import { Bench } from '../unit/sip-server/bench.ts';
import { type AppDialog, type AppRequest, once, type Side, sdp, until } from '../unit/sip-server/two-servers.ts';

let bench: Bench;
let side: Side;
let peer: SipPeer;

beforeEach(async () => {
  bench = await Bench.open();
  ({ side, peer } = bench);
});

afterEach(() => bench.close());

type Headers = [string, string][];
const pass = (ms: number): Promise<void> => bench.pass(ms, 1_000);
const asks = (expires: string, ...more: Headers): Headers => [
  ['Supported', 'timer'],
  ['Session-Expires', expires],
  ...more,
];

/** The peer calls with these headers, the application answers, the ACK has come. */
async function called(
  headers: Headers,
  answer: object = {},
): Promise<{ dialog: AppDialog; ok: ReceivedSip; toTag: string }> {
  const call = await bench.answeredCall(headers, answer);
  bench.send(bench.request('ACK', 1, { toTag: call.toTag }));
  await bench.quiet();
  return call;
}

/** The application calls; the peer answers with these headers. */
async function calling(headers: Headers): Promise<{ dialog: AppDialog; invite: ReceivedSip }> {
  const made = side.app.createUAC(`sip:x@${peer.hostPort}`, {
    localSdp: sdp(3000),
    headers: { 'Session-Expires': '90', Supported: 'timer' },
  });
  const invite = await peer.awaitRequest('INVITE');
  const contact: [string, string] = ['Contact', `<sip:x@${peer.hostPort}>`];
  const type: [string, string] = ['Content-Type', 'application/sdp'];
  peer.send(
    answerTo(invite, '200 OK', { toTag: 'far', headers: [contact, type, ...headers], body: sdp(4000) }),
    invite.from,
  );
  const dialog = await made;
  await peer.awaitRequest('ACK');
  return { dialog, invite };
}

const answer = (request: ReceivedSip, line: string, headers: Headers = []): void =>
  peer.send(answerTo(request, line, { headers: [['Contact', `<sip:x@${peer.hostPort}>`], ...headers] }), request.from);

/** The next UPDATE that is not a copy of this one. */
const nextAfter = (update: ReceivedSip): Promise<ReceivedSip> =>
  peer.await(
    'another UPDATE',
    (message) => message.method === 'UPDATE' && header(message, 'cseq') > header(update, 'cseq'),
  );

const reasonOf = async (dialog: AppDialog): Promise<unknown> =>
  (await once<[AppRequest, unknown]>((listener) => dialog.on('destroy', listener as never)))[1];

describe('a session timer that the peer asks for (RFC 4028 §9)', () => {
  it.each<[string, Headers, string, string]>([
    ['is left to the peer where it names nobody', asks('1800'), '1800;refresher=uac', 'timer'],
    ['is left to the peer where it says so', asks('1800;refresher=uac'), '1800;refresher=uac', 'timer'],
    ['is ours where it says so', asks('1800;refresher=uas'), '1800;refresher=uas', ''],
    ['is ours where a proxy asked and the peer knows nothing of it', [['x', '120']], '120;refresher=uas', ''],
    ['is not there where nobody asks', [], '', ''],
    ['is ours where only the application asks', [['Supported', 'timer']], '600;refresher=uas', ''],
  ])('%s', async (_, headers, expires, requires) => {
    const wish = headers.length === 1 && headers[0]?.[0] === 'Supported';
    const { ok, dialog } = await called(headers, wish ? { headers: { 'Session-Expires': '600' } } : {});
    expect(header(ok, 'session-expires')).toBe(expires);
    expect(header(ok, 'require')).toBe(requires);
    void dialog.destroy();
    answer(await peer.awaitRequest('BYE'), '200 OK');
    await pass(33_000);
  });

  it('is refused with 422 when it is too short, and the application hears nothing', async () => {
    let heard = 0;
    side.app.invite(() => {
      heard += 1;
    });
    await until(() => side.server.counts().clients === 1);
    bench.send(bench.request('INVITE', 1, { headers: asks('60') }));
    const refusal = await peer.awaitResponse('INVITE', 422);
    expect(header(refusal, 'min-se')).toBe('90');
    bench.send(bench.request('ACK', 1, { toTag: tagOf(header(refusal, 'to')) }));
    await pass(70_000);
    expect(heard).toBe(0);
  });

  it('ends a call that the peer never refreshes, a little before its end (§10)', async () => {
    const { dialog } = await called(asks('90;refresher=uac'));
    const ended = reasonOf(dialog);
    await pass(58_000);
    expect(side.server.counts().dialogs).toBe(1);
    await pass(4_000);
    expect(await ended).toBe('Session timer expired');
    const bye = await peer.awaitRequest('BYE');
    answer(bye, '200 OK');
    expect(side.server.counts().dialogs).toBe(0);
    await pass(33_000);
  });

  it('begins anew with each re-INVITE and each UPDATE, and goes on as long as they come', async () => {
    const { dialog, toTag } = await called(asks('90;refresher=uac'));
    dialog.on('modify', (_, response) => response.send(200, { body: sdp(4000) }));
    dialog.on('update', (_, response) => response.send(200));
    for (let round = 0; round < 4; round += 1) {
      await pass(45_000);
      const method = round % 2 === 0 ? 'UPDATE' : 'INVITE';
      bench.send(bench.request(method, round + 2, { toTag, headers: asks('90;refresher=uac') }));
      expect(header(await peer.awaitResponse(method, 200), 'session-expires')).toBe('90;refresher=uac');
      if (method === 'INVITE') bench.send(bench.request('ACK', round + 2, { toTag }));
      await bench.quiet();
    }
    expect(side.server.counts().dialogs).toBe(1);
    void dialog.destroy();
    answer(await peer.awaitRequest('BYE'), '200 OK');
    await pass(33_000);
  });
});

describe('a session that we refresh (RFC 4028 §10)', () => {
  const terms: Headers = [
    ['Session-Expires', '90;refresher=uac'],
    ['Require', 'timer'],
  ];
  const withUpdate: Headers = [...terms, ['Allow', 'INVITE, ACK, BYE, UPDATE']];

  it('gets an UPDATE at half its time where the peer takes that, again and again, and the application hears nothing', async () => {
    const { dialog } = await calling(withUpdate);
    let heard = 0;
    for (const event of ['modify', 'update', 'refresh']) dialog.on(event, () => (heard += 1));
    for (let round = 0; round < 3; round += 1) {
      await pass(45_000);
      const update = await peer.awaitRequest('UPDATE');
      expect(header(update, 'session-expires')).toBe('90;refresher=uac');
      answer(update, '200 OK', terms);
      await bench.quiet();
    }
    expect([heard, side.server.counts().dialogs]).toEqual([0, 1]);
    void dialog.destroy();
    answer(await peer.awaitRequest('BYE'), '200 OK');
    await pass(33_000);
  });

  it('gets an INVITE with what we described last where it does not, and acknowledges the answer', async () => {
    const { dialog } = await calling(terms);
    await pass(45_000);
    const invite = await peer.awaitRequest('INVITE');
    expect(invite.body).toBe(sdp(3000));
    answer(invite, '200 OK', terms);
    const ack = await peer.awaitRequest('ACK');
    expect(parseInt(header(ack, 'cseq'), 10)).toBe(parseInt(header(invite, 'cseq'), 10));
    // The 200 again: our ACK was lost.
    answer(invite, '200 OK', terms);
    await peer.awaitRequest('ACK');
    void dialog.destroy();
    answer(await peer.awaitRequest('BYE'), '200 OK');
    await pass(33_000);
  });

  it('is over when the peer does not answer or does not know it, and the application learns why', async () => {
    const { dialog } = await calling(withUpdate);
    const ended = reasonOf(dialog);
    await pass(45_000);
    answer(await peer.awaitRequest('UPDATE'), '481 Call/Transaction Does Not Exist');
    expect(await ended).toBe('Session timer expired');
    await peer.awaitRequest('BYE');
    await pass(66_000);
    expect(side.server.counts()).toMatchObject({ dialogs: 0, transactions: 0 });
  });

  it('is over when the refresh stays unanswered', async () => {
    const { dialog } = await calling(withUpdate);
    const ended = reasonOf(dialog);
    await pass(45_000 + 33_000);
    expect(await ended).toBe('Session timer expired');
    await pass(66_000);
  });

  it.each(['488 Not Acceptable Here', '500 Server Internal Error', '403 Forbidden'])(
    'goes on when the peer answers %s: whoever refuses is alive',
    async (line) => {
      const { dialog } = await calling(withUpdate);
      for (let round = 0; round < 2; round += 1) {
        await pass(45_000);
        answer(await peer.awaitRequest('UPDATE'), line);
        await bench.quiet();
      }
      expect(side.server.counts().dialogs).toBe(1);
      void dialog.destroy();
      answer(await peer.awaitRequest('BYE'), '200 OK');
      await pass(33_000);
    },
  );

  it('takes a longer interval after 422, tries again after 491, and by INVITE after 405', async () => {
    const { dialog } = await calling(withUpdate);
    await pass(45_000);
    const first = await peer.awaitRequest('UPDATE');
    answer(first, '491 Request Pending');
    await pass(5_000);
    const second = await nextAfter(first);
    answer(second, '422 Session Interval Too Small', [['Min-SE', '180']]);
    await pass(1_000);
    const longer = await nextAfter(second);
    expect(header(longer, 'session-expires')).toBe('180;refresher=uac');
    answer(longer, '405 Method Not Allowed');
    await pass(1_000);
    answer(await peer.awaitRequest('INVITE'), '200 OK', [['Session-Expires', '180;refresher=uac']]);
    await peer.awaitRequest('ACK');
    void dialog.destroy();
    answer(await peer.awaitRequest('BYE'), '200 OK');
    await pass(33_000);
  });

  it('keeps its terms through a re-INVITE of the application', async () => {
    const { dialog } = await calling(withUpdate);
    const modified = dialog.modify(sdp(3002));
    const invite = await peer.awaitRequest('INVITE');
    expect(header(invite, 'session-expires')).toBe('90;refresher=uac');
    peer.send(
      answerTo(invite, '200 OK', {
        headers: [['Contact', `<sip:x@${peer.hostPort}>`], ['Content-Type', 'application/sdp'], ...terms],
        body: sdp(4000),
      }),
      invite.from,
    );
    await modified;
    await pass(46_000);
    answer(await peer.awaitRequest('UPDATE'), '200 OK', terms);
    void dialog.destroy();
    answer(await peer.awaitRequest('BYE'), '200 OK');
    await pass(33_000);
  });

  it('has no end where the peer knows nothing of timers', async () => {
    const { dialog } = await calling([]);
    await pass(200_000);
    expect(side.server.counts().dialogs).toBe(1);
    void dialog.destroy();
    answer(await peer.awaitRequest('BYE'), '200 OK');
    await pass(33_000);
  });
});
