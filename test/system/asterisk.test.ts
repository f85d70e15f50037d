import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ApiClient } from '../support/api-client.ts';
import { Asterisk, hasAsterisk } from '../support/asterisk.ts';
import { GatewayProcess, type Settings } from '../support/gateway-process.ts';
import { LiveCall } from '../support/live-call.ts';
import { SipPhone } from '../support/sip-phone.ts';

const recipe = join(import.meta.dirname, '..', '..', 'recipes', 'trunks', 'carrier', 'tonelock.yaml');
const here = hasAsterisk();
const card = '4111111111111111';

/** The recipe's addresses, in the net of this machine that needs no interface. */
const moved = (text: string): string => text.replaceAll('203.0.113.', '127.114.0.');
const gatewaySip = { address: moved('203.0.113.10'), port: 5060 };

let gateway: GatewayProcess;
let carrier: SipPhone;
let phones: { readonly 1001: SipPhone; readonly 1002: SipPhone };
let asterisk: Asterisk;

beforeAll(async () => {
  if (!here) return;
  asterisk = new Asterisk();
  const open = await Promise.all([SipPhone.open(), SipPhone.open(), SipPhone.open()]);
  carrier = open[0];
  phones = { 1001: open[1], 1002: open[2] };
  const text = moved(readFileSync(recipe, 'utf8'))
    .replaceAll('198.51.100.0/28', carrier.hostPort)
    .replaceAll('198.51.100.2:5060', carrier.hostPort);
  const { sip, media, trunks, routes } = parse(text) as Settings;
  gateway = await GatewayProcess.start({ agentPort: 5060, settings: { sip, media, trunks, routes } });
  await asterisk.run(moved, new Map(Object.entries(phones).map(([agent, { hostPort }]) => [agent, hostPort])));
});

afterAll(async () => {
  await gateway?.stop();
  await asterisk?.stop();
  await Promise.all([carrier, ...Object.values(phones ?? {})].map((phone) => phone?.close()));
});

const apiOf = (agent: string): ApiClient => new ApiClient(gateway.http, `agent-${agent}`);

/** A customer calls a number; agent 1001 answers, and has the call. */
async function inbound(number: string): Promise<LiveCall> {
  const api = apiOf('1001');
  const events = await api.events();
  const arriving = phones[1001].arrivalFor('1001', 20_000);
  const caller = await carrier.call(`sip:${number}@${gatewaySip.address}:${gatewaySip.port}`, gatewaySip);
  const agent = await arriving;
  await Promise.all([caller.answered, agent.answered]);
  const { callId } = await events.next(number === '1001' ? 'call.answered' : 'call.transferred');
  caller.rtp.talk('tone');
  agent.rtp.talk('tone');
  return new LiveCall(String(callId), caller, agent, api, events);
}

async function pay(call: LiveCall): Promise<void> {
  await call.open();
  expect(await call.take('pan', card)).toMatchObject({ type: 'capture.completed' });
  expect(await call.take('cvc', '737')).toMatchObject({ type: 'capture.completed' });
  expect(await call.authorise()).toMatchObject({ type: 'payment.succeeded' });
}

/** The agent's telephone sends the customer to 1002. */
const transfer = (call: LiveCall) =>
  call.agent.request('REFER', {
    headers: [
      ['Refer-To', `<sip:1002@${moved('203.0.113.20')}>`],
      ['Contact', `<sip:1001@${phones[1001].hostPort}>`],
    ],
  });

describe.skipIf(!here)('Asterisk as the PBX behind the gateway, by the recipe', () => {
  test('an agent takes a payment on a call to the own number', async () => {
    const call = await inbound('1001');
    await pay(call);
    await call.hangUp();
    call.dispose();
  });

  test('an agent calls a customer, who pays', async () => {
    const api = apiOf('1001');
    const events = await api.events();
    const arriving = carrier.arrivalFor('81312345678');
    const asteriskSip = { address: moved('203.0.113.20'), port: 5060 };
    const near = await phones[1001].call(`sip:81312345678@${asteriskSip.address}`, asteriskSip, { user: '1001' });
    const caller = await arriving;
    await Promise.all([near.answered, caller.answered]);
    const { callId } = await events.next('call.answered');
    caller.rtp.talk('tone');
    near.rtp.talk('tone');
    const call = new LiveCall(String(callId), caller, near, api, events);
    await pay(call);
    await call.hangUp();
    call.dispose();
  });

  test('a queue chooses an agent, and the gateway knows who has the call', async () => {
    const call = await inbound('5000');
    await pay(call);
    await call.hangUp();
    call.dispose();
  });

  test('a transfer is the gateway’s: it tells the next agent', async () => {
    const call = await inbound('1001');
    const next = await apiOf('1002').events();
    const arriving = phones[1002].arrivalFor('1002');
    expect((await transfer(call)).status).toBe(202);
    await (await arriving).answered;
    expect(await next.next('call.transferred')).toMatchObject({ callId: call.id, agent: '1002' });
    await call.caller.bye();
    await next.next('call.ended');
    next.close();
    call.dispose();
  });

  test('while a payment is open a transfer comes back to the agent, and the call goes on (P-10)', async () => {
    const call = await inbound('1001');
    await call.open();
    const since = call.events.mark();
    const back = phones[1001].arrivalFor('1001');
    await transfer(call);
    const agent = await back;
    await agent.answered;
    const again = new LiveCall(call.id, call.caller, agent, call.api, call.events);
    again.sessionId = call.sessionId;
    expect(await again.take('pan', card)).toMatchObject({ type: 'capture.completed' });
    expect(call.types(since)).not.toContain('call.transferred');
    await again.hangUp();
    call.dispose();
  });
});
