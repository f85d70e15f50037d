import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type AppDialog, type AppResponse, once, sdp, until } from '../sip-server/two-servers.ts';
import { FakeInvite, FakeLine } from './fake-line.ts';
import { RealLine, stacks } from './real-line.ts';

/** A call with fakes on every side, and an INVITE that wants its agent's leg. */
class Taking {
  readonly line = new FakeLine();
  readonly invite = new FakeInvite();

  async begin(): Promise<void> {
    await this.line.establish();
    this.invite.dialog.sent.length = 0;
    this.line.call.replaceLeg('agent', this.invite, '1003');
    await this.line.settle();
  }
}

describe('an INVITE that replaces the agent of a call (RFC 3891)', () => {
  it('renegotiates with the customer, gets the answer, and the old agent a BYE', async () => {
    const { line, invite } = await begun(new Taking());
    expect(line.invite.dialog.sent).toEqual(['INVITE offer for caller']);
    expect(invite.responses).toEqual(['200 answer for agent']);
    expect([line.target.sent, line.call.agent]).toEqual([['BYE transferred'], '1003']);
    expect(line.told).toContain('transferred from 1001 to 1003');
    invite.events?.hungUp('normal release');
    await line.settle();
    expect(line.invite.dialog.sent.at(-1)).toMatch(/^BYE/);
    expect(line.leftovers).toEqual([]);
  });

  it('is refused as a transfer is while a payment is open, and the call stays as it was (P-10)', async () => {
    const taking = new Taking();
    taking.line.call.engaged = true;
    await taking.begin();
    expect([taking.invite.responses, taking.line.target.sent]).toEqual([['603'], []]);
  });

  it('is under way: no payment may be opened, and another INVITE or REFER has to wait', async () => {
    const taking = new Taking();
    taking.line.invite.dialog.holdOffer = true;
    await taking.begin();
    expect(taking.line.call.answered).toBe(false);
    const second = new FakeInvite();
    taking.line.call.replaceLeg('agent', second, '1004');
    await taking.line.settle();
    expect(second.responses).toEqual(['491']);
    taking.line.invite.dialog.answerNow();
    await taking.line.settle();
    expect([taking.line.call.answered, taking.line.call.agent]).toEqual([true, '1003']);
  });

  it('goes on when the old agent has hung up meanwhile', async () => {
    const taking = new Taking();
    taking.line.invite.dialog.holdOffer = true;
    await taking.begin();
    taking.line.dialling.events.dialog.hungUp('normal release');
    await taking.line.settle();
    taking.line.invite.dialog.answerNow();
    await taking.line.settle();
    expect(taking.line.told.filter((word) => /^(transferred|ending)/.test(word))).toEqual([
      'transferred from 1001 to 1003',
    ]);
  });

  it.each([
    ['the old agent stays', false],
    ['the old agent had hung up, and the call is over', true],
  ])('that the customer does not take is refused: %s', async (_, gone) => {
    const taking = new Taking();
    taking.line.invite.dialog.reply = { status: 488, sdp: null };
    taking.line.invite.dialog.holdOffer = true;
    await taking.begin();
    if (gone) taking.line.dialling.events.dialog.hungUp('normal release');
    taking.line.invite.dialog.answerNow();
    await taking.line.settle();
    expect(taking.invite.responses).toEqual(['488']);
    expect([taking.line.call.answered, taking.line.call.over]).toEqual([!gone, gone]);
  });

  it('whose caller has gone before our 200: sound goes back to the old agent by an offer of ours', async () => {
    const taking = new Taking();
    taking.invite.mode = 'fail';
    await taking.begin();
    expect(taking.line.target.sent).toEqual(['INVITE offer for agent']);
    expect([taking.line.call.answered, taking.line.call.agent]).toEqual([true, '1001']);
    expect(taking.line.media.log.at(-1)).toBe('acceptAnswer agent');
  });

  it('that comes to be when the call has just ended is ended as well', async () => {
    const taking = new Taking();
    taking.invite.mode = 'late';
    await taking.begin();
    taking.line.call.end('gateway stopping');
    taking.invite.deliver();
    await taking.line.settle();
    expect(taking.invite.dialog.sent).toEqual(['BYE call over']);
    expect(taking.line.leftovers).toEqual([]);
  });
});

async function begun(taking: Taking): Promise<Taking> {
  await taking.begin();
  return taking;
}

describe.each(stacks)('on real SIP (%s)', (stack) => {
  let line: RealLine;
  beforeEach(async () => {
    line = await RealLine.open(stack);
  });
  afterEach(() => line.close());

  async function standing(): Promise<{ customer: AppDialog; agent: AppDialog }> {
    const answered = new Promise<AppDialog>((done) => {
      line.agents.app.invite(
        (request, response) => void line.agents.app.createUAS(request, response, { localSdp: sdp(4000) }).then(done),
      );
    });
    const customer = await line.customers.app.createUAC(line.uri('1001'), { localSdp: sdp(3000) });
    const agent = await answered;
    await until(() => line.told.includes('answered 1001'));
    return { customer, agent };
  }

  /** As the gateway is told of one of its dialogs by a telephone that is in it. */
  const named = ({ sip }: AppDialog): string => `${sip.callId};to-tag=${sip.remoteTag};from-tag=${sip.localTag}`;

  const replacing = (side: RealLine['agents'], Replaces: string, user: string): Promise<AppDialog> =>
    side.app.createUAC(line.uri('gateway'), {
      localSdp: sdp(4100),
      headers: { Replaces, Require: 'replaces', From: `<sip:${user}@localhost>` },
    });

  it('a colleague whom the agent has asked takes the call over; the customer is renegotiated with and stays', async () => {
    const { customer, agent } = await standing();
    let renegotiated = 0;
    customer.on('modify', (_, response: AppResponse) => {
      renegotiated += 1;
      response.send(200, { body: sdp(3000) });
    });
    const ended = once((listener) => agent.on('destroy', listener as never));
    const colleague = await replacing(line.agents, named(agent), '1003');
    await ended;
    await until(() => line.told.includes('transferred from 1001 to 1003') && line.dialogs === 2);
    expect([renegotiated, line.registry.size]).toEqual([1, 1]);
    const over = once((listener) => customer.on('destroy', listener as never));
    await colleague.destroy();
    await over;
    await until(() => line.registry.size === 0 && line.dialogs === 0);
  });

  it('a customer goes on from another telephone; the agent is the same', async () => {
    const { customer, agent } = await standing();
    agent.on('modify', (_, response: AppResponse) => response.send(200, { body: sdp(4000) }));
    const ended = once((listener) => customer.on('destroy', listener as never));
    const other = await replacing(line.customers, named(customer), 'customer');
    await ended;
    expect(line.told.filter((word) => word.startsWith('transferred'))).toEqual([]);
    await other.destroy();
    await until(() => line.registry.size === 0 && line.dialogs === 0);
  });

  it.each([
    ['a customer who would be the agent', 603, 'customers', (agent: AppDialog) => named(agent)],
    ['a dialog that is none', 481, 'agents', () => 'nowhere;to-tag=1;from-tag=2'],
    ['a dialog that rings, where it is confirmed', 486, 'agents', (agent: AppDialog) => `${named(agent)};early-only`],
    ['no name of a dialog', 400, 'agents', () => 'x'],
  ] as const)('%s gets %i, and the call goes on', async (_, status, from, replaces) => {
    const { customer, agent } = await standing();
    await expect(replacing(line[from], replaces(agent), '1003')).rejects.toMatchObject({ status });
    expect([line.registry.size, line.dialogs]).toEqual([1, 2]);
    await customer.destroy();
    await until(() => line.registry.size === 0 && line.dialogs === 0);
  });
});
