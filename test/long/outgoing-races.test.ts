import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SipPeer } from '../support/sip-peer.ts';
import { answerTo, header, tagOf } from '../support/sip-text.ts';
import { Bench } from '../unit/sip-server/bench.ts';
import { type AppRequest, type AppResponse, type Side, sdp } from '../unit/sip-server/two-servers.ts';

let bench: Bench;
let side: Side;
let peer: SipPeer;

beforeEach(async () => {
  bench = await Bench.open();
  ({ side, peer } = bench);
});

afterEach(() => bench.close());

const send = (text: string): void => bench.send(text);
const pass = (ms: number, stepMs?: number): Promise<void> => bench.pass(ms, stepMs);
const quiet = (): Promise<void> => bench.quiet();

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
