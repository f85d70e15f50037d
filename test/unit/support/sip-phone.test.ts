import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { SipPhone } from '../../support/sip-phone.ts';

let customer: SipPhone;
let agent: SipPhone;

beforeEach(async () => {
  [customer, agent] = await Promise.all([SipPhone.open(), SipPhone.open()]);
});

afterEach(async () => {
  await Promise.all([customer.close(), agent.close()]);
});

const ring = (user = '1001') =>
  customer.call(`sip:${user}@${agent.hostPort}`, { address: '127.0.0.1', port: agent.peer.port });

describe('two telephones of the tests, without anything between them', () => {
  test('call, key, send INFO, change their offer and hang up', async () => {
    const calling = await ring();
    const called = await agent.arrivalFor('1001');
    await Promise.all([calling.answered, called.answered]);
    await calling.rtp.press('5', { durationMs: 20, gapMs: 0 });
    expect(called.rtp.heard.events().map(({ payload }) => payload[0])).toContain(5);
    expect((await calling.info('Signal=5\r\n')).status).toBe(200);
    expect(called.messages.at(-1)?.body).toBe('Signal=5\r\n');
    expect((await calling.reinvite(calling.rtp.sdp({ direction: 'sendonly', version: 2 }))).status).toBe(200);
    expect((await called.bye()).status).toBe(200);
    expect((await calling.ended)?.method).toBe('BYE');
  });

  test('refuse', async () => {
    agent.answers = { refuse: '486 Busy Here' };
    const calling = await ring();
    expect((await calling.final).status).toBe(486);
    await expect(calling.answered).rejects.toThrow('486');
  });

  test('give up while it rings', async () => {
    agent.answers = { ringMs: 'never' };
    const calling = await ring();
    const called = await agent.arrival();
    expect((await calling.cancel()).status).toBe(200);
    expect((await calling.final).status).toBe(487);
    expect((await called.ended)?.method).toBe('CANCEL');
  });

  test('hand out calls by user, whatever the order of their coming', async () => {
    const [second, first] = [agent.arrivalFor('1002'), agent.arrivalFor('1001')];
    await ring('1001');
    await ring('1002');
    expect((await first).invite?.startLine).toContain('1001');
    expect((await second).invite?.startLine).toContain('1002');
  });
});
