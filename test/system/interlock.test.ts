import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LiveCall } from '../support/live-call.ts';
import { MainJob } from '../support/main-job.ts';
import { header } from '../support/sip-text.ts';

let job: MainJob;

beforeAll(async () => {
  job = await MainJob.start();
});

afterAll(async () => {
  await job.stop();
});

const withDirection = (sdp: string, direction: string): string =>
  `${sdp.replace(/a=(?:sendrecv|sendonly|recvonly|inactive)\r\n/g, '')}a=${direction}\r\n`;

/** What an agent's telephone system says for each of the four things that a payment forbids. */
function descriptions({ rtp }: LiveCall['agent']): Record<string, string> {
  const plain = rtp.sdp({ version: 2 });
  return {
    'hold (P-09)': withDirection(plain, 'sendonly'),
    'hold by an inactive line (P-09)': withDirection(plain, 'inactive'),
    'back to the queue, whose media server is elsewhere (P-11)': plain.replaceAll('127.0.0.1', '127.0.0.9'),
    'a conference, whose mixer is at another port (P-12)': plain.replace(`m=audio ${rtp.port}`, 'm=audio 9'),
  };
}

async function allRefused({ agent }: LiveCall): Promise<void> {
  for (const [what, offer] of Object.entries(descriptions(agent))) {
    const answer = await agent.reinvite(offer);
    expect([answer.status, header(answer, 'warning')], what).toEqual([488, expect.stringContaining('payment')]);
  }
  const transfer = await agent.request('REFER', { headers: [['Refer-To', '<sip:9001@127.0.0.1>']] });
  expect([transfer.status, header(transfer, 'reason')]).toEqual([603, expect.stringContaining('payment')]);
}

test('from the opening of a payment to its close the agent’s telephone can neither hold the call, return it to the queue, make it a conference nor transfer it, and the call goes on (P-09…P-12)', async () => {
  const call = await job.inbound('9000');
  await call.open();
  await allRefused(call);
  await call.lock('pan');
  await allRefused(call);
  await call.key('4111111111111111');
  await call.events.next('capture.unlocked');
  await allRefused(call);
  await call.hearEachOther();
  const asked = call.caller.messages.filter(({ status }) => status === undefined).map(({ method }) => method);
  expect(asked).not.toContain('INVITE');
  expect(asked).not.toContain('UPDATE');
  await call.api.closeSession(call.sessionId);
  const [hold = ''] = Object.values(descriptions(call.agent));
  expect((await call.agent.reinvite(hold)).status).toBe(200);
  expect((await call.agent.reinvite(call.agent.rtp.sdp({ version: 3 }))).status).toBe(200);
  const arriving = job.agents.arrivalFor('9001');
  const transfer = await call.agent.request('REFER', { headers: [['Refer-To', '<sip:9001@127.0.0.1>']] });
  expect(transfer.status).toBe(202);
  await (await arriving).answered;
  await call.caller.bye();
});
