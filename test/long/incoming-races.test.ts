import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SipPeer } from '../support/sip-peer.ts';
import { answerTo, header, tagOf } from '../support/sip-text.ts';
import { Bench } from '../unit/sip-server/bench.ts';
import { type AppRequest, once, type Side, sdp, until } from '../unit/sip-server/two-servers.ts';

let bench: Bench;
let side: Side;
let peer: SipPeer;

beforeEach(async () => {
  bench = await Bench.open();
  ({ side, peer } = bench);
});

afterEach(() => bench.close());

const request: Bench['request'] = (...parts) => bench.request(...parts);
const send = (text: string): void => bench.send(text);
const pass = (ms: number, stepMs?: number): Promise<void> => bench.pass(ms, stepMs);
const quiet = (): Promise<void> => bench.quiet();

describe('a call that the peer makes', () => {
  it('ends with BYE and reason when the ACK never comes, and the application hears of it', async () => {
    const { dialog } = await bench.answeredCall();
    const ended = once<[AppRequest, unknown]>((listener) => dialog.on('destroy', listener as never));
    await pass(33_000);
    const [, reason] = await ended;
    expect(reason).toBe('ACK timeout');
    expect(header(await peer.awaitRequest('BYE'), 'reason')).toContain('ACK timeout');
    expect(bench.countOf(200, 'INVITE')).toBe(11);
    expect(side.server.counts().dialogs).toBe(0);
    await pass(33_000);
    expect(side.server.counts().transactions).toBe(0);
  });

  it('repeats its 200 only until the ACK, and passes the ACK up once', async () => {
    const { dialog, toTag } = await bench.answeredCall();
    let acks = 0;
    dialog.on('ack', () => {
      acks += 1;
    });
    await pass(600);
    send(request('ACK', 1, { toTag }));
    send(request('ACK', 1, { toTag }));
    await quiet();
    await pass(33_000);
    expect([bench.countOf(200, 'INVITE'), acks]).toEqual([2, 1]);
    expect(side.server.counts()).toMatchObject({ dialogs: 1, transactions: 0 });
  });

  it('holds a BYE and a re-INVITE of the application back until the ACK (RFC 3261 §14.1, §15)', async () => {
    const { dialog, toTag } = await bench.answeredCall();
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
    const { dialog, branch: same } = await bench.answeredCall();
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
    const { dialog, toTag } = await bench.answeredCall();
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
    const { toTag } = await bench.answeredCall();
    send(request('ACK', 1, { toTag }));
    send(request('INFO', 9, { toTag }));
    await peer.awaitResponse('INFO', 200);
    send(request('INFO', 8, { toTag }));
    await peer.awaitResponse('INFO', 500);
    await pass(35_000);
  });

  it('ends with BYE an hour after its application has gone', async () => {
    const { toTag } = await bench.answeredCall();
    send(request('ACK', 1, { toTag }));
    await quiet();
    side.leave();
    await until(() => side.server.counts().clients === 0);
    await pass(36_000, 2_000);
    expect(side.server.counts()).toMatchObject({ dialogs: 1, transactions: 0 });
    await bench.clock.run(3_600_000);
    send(answerTo(await peer.awaitRequest('BYE'), '200 OK'));
    await quiet();
    await pass(6_000);
    expect(side.server.counts()).toMatchObject({ dialogs: 0, transactions: 0 });
  });
});
