import { describe, expect, it } from 'vitest';
import { readReferTo } from '../../../src/telephony/sip/refer-to.ts';
import { FakeDialog, FakeLine, FakeResponder, sdp } from './fake-line.ts';

async function refer(line: FakeLine, user = '1002', replaces: string | null = null): Promise<string | undefined> {
  const responder = new FakeResponder();
  line.sip.dialled[0]?.events.dialog.referred(user, replaces, responder);
  await line.settle();
  return responder.answer;
}

describe('a transfer by the agent', () => {
  it('keeps the call and the customer, replaces the agent and names the new one (P-70)', async () => {
    const line = new FakeLine();
    await line.establish();
    expect(await refer(line)).toBe('202');
    const transferee = new FakeDialog();
    line.dialling.events.answered(transferee, sdp('192.0.2.20'));
    await line.settle();
    expect(line.target.sent).toEqual(['NOTIFY 100', 'NOTIFY 200', 'BYE transferred']);
    expect(line.told.at(-1)).toBe('transferred from 1001 to 1002');
    expect(line.call.view).toMatchObject({ agent: '1002', state: 'answered' });
    expect(line.invite.dialog.alive).toBe(true);
    line.dialling.events.dialog.hungUp('normal release');
    await line.settle();
    expect(line.invite.dialog.alive).toBe(false);
    expect(line.leftovers).toEqual([]);
  });

  it('hands the dialog that is to be replaced on to the transferee (RFC 3891)', async () => {
    const line = new FakeLine();
    await line.establish();
    await refer(line, '1002', 'abc;to-tag=1;from-tag=2');
    expect(line.dialling.target.headers['Replaces']).toBe('abc;to-tag=1;from-tag=2');
  });

  it('of two at once takes the first and answers the second 491: each gets its one word', async () => {
    const line = new FakeLine();
    await line.establish();
    const [first, second] = [new FakeResponder(), new FakeResponder()];
    const { events } = line.dialling;
    events.dialog.referred('1002', null, first);
    events.dialog.referred('1003', null, second);
    await line.settle();
    expect([first.answer, second.answer]).toEqual(['202', '491']);
    expect(line.sip.dialled).toHaveLength(2);
    line.dialling.events.refused(486, '');
    await line.settle();
    expect(line.target.sent).toEqual(['NOTIFY 100', 'NOTIFY 486']);
  });

  it('after a consultation through us asks the colleague by the name that the colleague knows', async () => {
    const line = new FakeLine();
    await line.establish();
    line.consulted = { engaged: false, uri: 'sip:1002@192.0.2.7', replaces: 'there;to-tag=a;from-tag=b' };
    expect(await refer(line, 'nobody', 'here;to-tag=1;from-tag=2')).toBe('202');
    expect(line.dialling.target).toMatchObject({
      uri: 'sip:1002@192.0.2.7',
      headers: { Replaces: 'there;to-tag=a;from-tag=b' },
    });
  });

  it('is refused while a payment is open on the consultation (P-10)', async () => {
    const line = new FakeLine();
    await line.establish();
    line.consulted = { engaged: true, uri: 'sip:1002@192.0.2.7', replaces: 'there;to-tag=a;from-tag=b' };
    expect(await refer(line, '1002', 'here;to-tag=1;from-tag=2')).toBe('603 Reason');
  });

  it('that is refused leaves the call with the agent, who learns it', async () => {
    const line = new FakeLine();
    await line.establish();
    await refer(line);
    line.dialling.events.refused(486, '');
    await line.settle();
    expect(line.target.sent).toEqual(['NOTIFY 100', 'NOTIFY 486']);
    expect(line.media.log.at(-1)).toBe('rollback agent');
    expect(line.call).toMatchObject({ answered: true, agent: '1001' });
  });

  it('goes on when the agent who asked hangs up, and ends the call when it then fails', async () => {
    const line = new FakeLine();
    await line.establish();
    await refer(line);
    line.sip.dialled[0]?.events.dialog.hungUp('normal release');
    await line.settle();
    expect(line.invite.dialog.alive).toBe(true);
    line.dialling.events.refused(404, '');
    await line.settle();
    expect(line.invite.dialog.alive).toBe(false);
    expect(line.leftovers).toEqual([]);
  });

  it('is cancelled when the customer hangs up, and a 200 that crosses gets its BYE', async () => {
    const line = new FakeLine();
    await line.establish();
    await refer(line);
    line.invite.events?.hungUp('normal release');
    await line.settle();
    expect(line.dialling.cancelled).toBe(true);
    const transferee = new FakeDialog();
    line.dialling.events.answered(transferee, sdp());
    await line.settle();
    expect(transferee.alive).toBe(false);
    expect(line.target.alive).toBe(false);
    expect(line.leftovers).toEqual([]);
  });

  it('opens no payment session meanwhile, goes only where a route leads, and is not for the customer', async () => {
    const line = new FakeLine();
    await line.establish();
    expect(await refer(line, 'nobody')).toBe('404');
    const fromCustomer = new FakeResponder();
    line.invite.events?.referred('1002', null, fromCustomer);
    await line.settle();
    expect(fromCustomer.answer).toBe('603');
    await refer(line);
    expect(line.call.answered).toBe(false);
    expect(await refer(line)).toBe('491');
  });
});

describe('Refer-To', () => {
  it.each([
    ['<sip:1002@127.0.0.1>', { user: '1002', replaces: null }],
    ['sip:1002@127.0.0.1;transport=udp', { user: '1002', replaces: null }],
    [
      '"Bob" <sip:1002@a?Replaces=x%40y%3Bto-tag%3D1%3Bfrom-tag%3D2&X=1>',
      { user: '1002', replaces: 'x@y;to-tag=1;from-tag=2' },
    ],
    ['<http://example.com/>', undefined],
    ['<sip:%zz@a>', undefined],
    ['', undefined],
  ])('%s is read', (header, expected) => {
    expect(readReferTo(header)).toEqual(expected);
  });
});
