import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApiClient } from '../support/api-client.ts';
import type { EventStream } from '../support/event-stream.ts';
import { freeSipPort } from '../support/free-ports.ts';
import { GatewayProcess } from '../support/gateway-process.ts';
import { orderDetails } from '../support/live-call.ts';
import { hasCommand, isRoot, Sipp, type SippOptions } from '../support/sipp.ts';

const scenarios = join(import.meta.dirname, '..', '..', 'sip-scenarios');
const pcap = (...steps: string[]): void => {
  execFileSync(process.execPath, [join(scenarios, 'make-card-pcap.mjs'), ...steps], { stdio: 'ignore' });
};

let agentPort: number;
let customerPort: number;
/** Where the agents' own calls come from. */
let outboundPort: number;
let gateway: GatewayProcess;
let api: ApiClient;
let events: EventStream;

beforeAll(async () => {
  [agentPort, customerPort] = await Promise.all([freeSipPort(), freeSipPort()]);
  outboundPort = await freeSipPort();
  gateway = await GatewayProcess.start({ agentPort, customerPort, agentSources: [outboundPort] });
  api = new ApiClient(gateway.http, 'agent-1001');
  events = await api.events();
});

afterAll(async () => {
  events.close();
  await gateway.stop();
});

const agent = (scenario: string, more: Partial<SippOptions> = {}): Sipp =>
  new Sipp(scenario, { port: agentPort, echo: true, ...more });
const customer = (scenario: string, more: Partial<SippOptions> = {}): Sipp =>
  new Sipp(scenario, {
    port: customerPort,
    target: `127.0.0.1:${gateway.sip.port}`,
    ...more,
  });

async function both(uas: Sipp, call: () => Sipp): Promise<[number | string, number | string]> {
  await uas.listening();
  const [a, c] = await Promise.all([uas.finished, call().finished]);
  for (const { errors } of [a, c]) expect(errors).not.toMatch(/Aborting|unexpected/i);
  return [a.status, c.status];
}

/** The agent's part while SIPp plays the customer's: the session, the card, the code, the payment. */
async function takePayment(since: number): Promise<void> {
  const { callId } = await events.next('call.answered', () => true, { since, withinMs: 15_000 });
  const id = await api.openSession(String(callId));
  await api.details(id, orderDetails);
  for (const field of ['pan', 'cvc']) {
    await api.capture(id, field);
    const done = ({ field: of, callId: at }: { field?: string; callId?: string }): boolean =>
      of === field && at === callId;
    await events.next('capture.completed', done, { since, withinMs: 20_000 });
    await events.next('capture.unlocked', done, { since });
  }
  await api.authorise(id);
  expect(await events.next('payment.succeeded', undefined, { since })).toMatchObject({ amount: orderDetails.amount });
}

describe.skipIf(!hasCommand('sipp'))('SIPp calls SIPp through the gateway', () => {
  test('the customer calls, the agent answers, the customer hangs up', async () => {
    expect(await both(agent('agent-answers'), () => customer('customer-plain'))).toEqual([0, 0]);
  });

  test('the agent hangs up', async () => {
    pcap('1s');
    const call = () => customer(isRoot ? 'customer-plays-until-bye' : 'customer-plain', { pauseMs: 3000 });
    const uas = agent('agent-hangs-up', { pauseMs: 500 });
    await uas.listening();
    const [a, c] = await Promise.all([uas.finished, call().finished]);
    expect(a.status).toBe(0);
    if (isRoot) expect(c.status).toBe(0);
  });

  test('the customer gives up while it rings', async () => {
    expect(await both(agent('agent-rings'), () => customer('customer-cancels', { pauseMs: 500 }))).toEqual([0, 0]);
  });

  test('the agent is busy', async () => {
    const uas = agent('agent-refuses');
    await uas.listening();
    const call = customer('customer-plain');
    expect((await uas.finished).status).toBe(0);
    expect((await call.finished).errors).toMatch(/486/);
  });

  test('the agent calls a customer, who answers', async () => {
    const callee = new Sipp('agent-answers', { port: customerPort, echo: true });
    const dialling = () => customer('agent-calls-out', { port: outboundPort, user: '81312345678', echo: true });
    expect(await both(callee, dialling)).toEqual([0, 0]);
  });

  test.skipIf(!isRoot)('sound flows before the answer', async () => {
    pcap('3s');
    expect(
      await both(agent('agent-answers-early-media', { pauseMs: 1500 }), () => customer('customer-early-media')),
    ).toEqual([0, 0]);
  });

  test.skipIf(!isRoot)(
    'the main job with a whole card played from a pcap: repeated digits are presses of their own',
    async () => {
      pcap('4s', '4111111111111111', '4s', '737', '2s');
      const since = events.mark();
      const playing = () => customer('customer-plays', { pauseMs: 14_500 });
      const [ends] = await Promise.all([both(agent('agent-answers'), playing), takePayment(since)]);
      expect(ends).toEqual([0, 0]);
    },
  );

  test('the main job with the card keyed by SIP INFO: none reaches the agent', async () => {
    const since = events.mark();
    const keys = ['-key', 'keys', 'pppp4111111111111111pppp737pp'];
    const keying = () => customer('customer-keys-info', { more: keys, echo: true });
    const [ends] = await Promise.all([both(agent('agent-answers'), keying), takePayment(since)]);
    expect(ends).toEqual([0, 0]);
  });
});
