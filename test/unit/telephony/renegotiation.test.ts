import { describe, expect, it } from 'vitest';
import { FakeLine, FakeResponder, sdp } from './fake-line.ts';

const offer = async (line: FakeLine, from: 'origin' | 'target', text: string | null): Promise<string | undefined> => {
  const responder = new FakeResponder();
  const events = from === 'origin' ? line.invite.events : line.dialling.events.dialog;
  events?.offered(text, responder);
  await line.settle();
  return responder.answer;
};

describe('an answered call', () => {
  it('hands a new offer on to the other leg with our own description and answers with ours', async () => {
    const line = new FakeLine();
    await line.establish();
    expect(await offer(line, 'origin', sdp('192.0.2.1', 4002))).toBe('200 answer for caller');
    expect(line.target.sent).toEqual(['INVITE offer for agent']);
  });

  it('hands hold on', async () => {
    const line = new FakeLine();
    await line.establish();
    expect(await offer(line, 'target', sdp('192.0.2.9', 4000, 'sendonly'))).toBe('200 answer for agent');
    expect(line.invite.dialog.sent).toEqual(['INVITE offer for caller']);
  });

  it('answers a session refresh without troubling the other leg', async () => {
    const line = new FakeLine();
    await line.establish();
    expect(await offer(line, 'origin', sdp())).toBe('200 answer for caller');
    expect(line.target.sent).toEqual([]);
  });

  it('refuses a second offer while one is under way', async () => {
    const line = new FakeLine();
    await line.establish();
    line.target.holdOffer = true;
    const first = new FakeResponder();
    line.invite.events?.offered(sdp('192.0.2.1', 4002), first);
    await line.settle();
    expect(await offer(line, 'target', sdp('192.0.2.9', 4004))).toBe('491');
    line.target.answerNow();
    await line.settle();
    expect(first.answer).toBe('200 answer for caller');
  });

  it('rolls both legs back when the other leg refuses, and says what it said', async () => {
    const line = new FakeLine();
    await line.establish();
    line.target.reply = { status: 488, sdp: null };
    expect(await offer(line, 'origin', sdp('192.0.2.1', 4002))).toBe('488');
    expect(line.media.log.slice(-2)).toEqual(['rollback agent', 'rollback caller']);
    expect(line.call.answered).toBe(true);
    line.target.reply = { status: 200, sdp: sdp('192.0.2.9') };
    expect(await offer(line, 'origin', sdp('192.0.2.1', 4002))).toBe('200 answer for caller');
  });

  it('ends when the other leg knows nothing of its dialog any more', async () => {
    const line = new FakeLine();
    await line.establish();
    line.target.reply = { status: 481, sdp: null };
    await offer(line, 'origin', sdp('192.0.2.1', 4002));
    await line.settle();
    expect(line.leftovers).toEqual([]);
  });

  it('survives a BYE that crosses an offer under way', async () => {
    const line = new FakeLine();
    await line.establish();
    line.target.holdOffer = true;
    const responder = new FakeResponder();
    line.invite.events?.offered(sdp('192.0.2.1', 4002), responder);
    await line.settle();
    line.invite.events?.hungUp('normal release');
    await line.settle();
    line.target.reply = { status: 408, sdp: null };
    line.target.answerNow();
    await line.settle();
    expect(line.leftovers).toEqual([]);
  });

  it('passes an INFO on only where the media side allows it', async () => {
    const line = new FakeLine();
    await line.establish();
    line.invite.events?.info('application/dtmf-relay', '', new FakeResponder());
    await line.settle();
    line.media.passInfo = false;
    const responder = new FakeResponder();
    line.invite.events?.info('application/dtmf-relay', '', responder);
    await line.settle();
    expect(line.target.sent).toEqual(['INFO application/dtmf-relay']);
    expect(responder.answer).toBe('200');
  });

  it('refuses a flood on its queue without losing the hang-up behind it', async () => {
    const line = new FakeLine();
    await line.establish();
    const responders = Array.from({ length: 400 }, () => new FakeResponder());
    for (const responder of responders) line.invite.events?.info('application/dtmf', '', responder);
    line.invite.events?.hungUp('normal release');
    await line.settle();
    expect(responders.filter((responder) => responder.answer === '503 Retry-After').length).toBeGreaterThan(100);
    expect(line.leftovers).toEqual([]);
  });
});

describe('while a payment session is open', () => {
  it.each([
    ['hold (P-09)', sdp('192.0.2.9', 4000, 'sendonly')],
    ['hold by an inactive line (P-09)', sdp('192.0.2.9', 4000, 'inactive')],
    ['the older hold with 0.0.0.0 (P-09)', sdp('0.0.0.0', 4000)],
    ['another media address: requeue and conference (P-11, P-12)', sdp('192.0.2.77', 4000)],
    ['another media port (P-12)', sdp('192.0.2.9', 4010)],
  ])('the agent side gets 488 with a Warning for %s', async (_, text) => {
    const line = new FakeLine();
    await line.establish();
    line.call.engaged = true;
    expect(await offer(line, 'target', text)).toBe('488 Warning');
    expect(line.invite.dialog.sent).toEqual([]);
    expect(line.call.answered).toBe(true);
    line.call.engaged = false;
    expect(await offer(line, 'target', text)).toBe('200 answer for agent');
  });

  it('the customer may still hold', async () => {
    const line = new FakeLine();
    await line.establish();
    line.call.engaged = true;
    expect(await offer(line, 'origin', sdp('192.0.2.1', 4000, 'sendonly'))).toBe('200 answer for caller');
  });

  it('the agent side gets 603 with a Reason for a transfer (P-10)', async () => {
    const line = new FakeLine();
    await line.establish();
    line.call.engaged = true;
    const responder = new FakeResponder();
    line.dialling.events.dialog.referred('1002', null, responder);
    await line.settle();
    expect(responder.answer).toBe('603 Reason');
  });
});
