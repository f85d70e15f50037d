import { afterEach, expect, test } from 'vitest';
import { type Demo, startDemo } from '../../src/demo/demo.ts';
import { freeSipPort } from '../support/free-ports.ts';
import { SipPhone } from '../support/sip-phone.ts';

const open: { close(): Promise<void> }[] = [];
const opened = <T extends { close(): Promise<void> }>(thing: T): T => {
  open.push(thing);
  return thing;
};
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

const until = (what: () => boolean, timeout = 5000) => expect.poll(what, { timeout, interval: 20 }).toBe(true);

/** The two phones without a gateway between them: the customer calls the agent's own address. */
async function back2back(): Promise<Demo> {
  const agentPort = await freeSipPort();
  const agent = `127.0.0.1:${agentPort}`;
  return opened(await startDemo({ gateway: agent, customer: '127.0.0.1:0', agent, agentName: '1001' }));
}

/** The demo's customer, and a telephone of the tests' own in the place of the gateway. */
async function customerOf(phone: SipPhone): Promise<Demo> {
  const gateway = phone.hostPort;
  return opened(await startDemo({ gateway, customer: '127.0.0.1:0', agent: '127.0.0.1:0', agentName: '1001' }));
}

test('customer and agent talk, keys arrive as events, and either is idle after the hang-up', async () => {
  const demo = await back2back();
  expect(demo.state().customer.state).toBe('idle');
  await expect(demo.press('1')).rejects.toMatchObject({ code: 'call-not-answered' });
  await demo.call();
  await demo.call();
  expect(demo.state().customer.state).toBe('calling');
  await until(() => demo.state().customer.state === 'talking' && demo.state().agent.ear === 'voice');
  for (const key of '41') await demo.press(key);
  await until(() => demo.state().agent.eventPackets === 16);
  await demo.hangUp();
  await until(() => demo.state().customer.state === 'idle' && demo.state().agent.state === 'idle');
  await demo.call();
  await until(() => demo.state().customer.state === 'talking');
  expect(demo.state().agent.eventPackets).toBe(0);
});

test('a call that nobody has answered is cancelled, and one that is refused leaves the phone idle', async () => {
  const phone = opened(await SipPhone.open());
  phone.answers = { ringMs: 'never' };
  const demo = await customerOf(phone);
  await demo.call();
  const call = await phone.arrival();
  await demo.hangUp();
  await until(() => call.messages.some((message) => message.startLine.startsWith('CANCEL ')));
  await until(() => demo.state().customer.state === 'idle');
  phone.answers = { refuse: '486 Busy Here' };
  await demo.call();
  await until(() => demo.state().customer.state === 'idle');
});

test('the customer answers a hold, and the end of it, and hears the other side hang up', async () => {
  const phone = opened(await SipPhone.open());
  const demo = await customerOf(phone);
  await demo.call();
  const call = await phone.arrival();
  await call.answered;
  await until(() => call.rtp.heard.packets.length > 10);
  const offer = call.rtp.sdp({ version: 3 });
  const hold = await call.reinvite(`${offer.replace(/a=sendrecv\r\n/, '')}a=sendonly\r\n`);
  expect(hold.status).toBe(200);
  expect(hold.body).toContain('a=recvonly');
  const back = await call.reinvite(call.rtp.sdp({ version: 4 }));
  expect(back.body).toContain('a=sendrecv');
  await call.bye();
  await until(() => demo.state().customer.state === 'idle');
});

test('an agent who talks is busy to the next caller, and knows no dialog that is over', async () => {
  const agentPort = await freeSipPort();
  const agent = `127.0.0.1:${agentPort}`;
  const demo = opened(await startDemo({ gateway: agent, customer: '127.0.0.1:0', agent, agentName: '1001' }));
  const phone = opened(await SipPhone.open());
  const call = await phone.call(`sip:1001@${agent}`, { address: '127.0.0.1', port: agentPort });
  await call.answered;
  expect(demo.state().agent.state).toBe('talking');
  expect((await call.request('OPTIONS')).status).toBe(200);
  expect((await call.request('MESSAGE')).status).toBe(405);
  const second = await phone.call(`sip:1001@${agent}`, { address: '127.0.0.1', port: agentPort });
  expect((await second.final).status).toBe(486);
  await until(() => call.rtp.heard.packets.length > 10);
  await call.bye();
  await until(() => demo.state().agent.state === 'idle');
  expect((await call.request('INFO')).status).toBe(481);
  expect((await call.request('OPTIONS')).status).toBe(481);
});
