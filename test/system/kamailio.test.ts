import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ApiClient } from '../support/api-client.ts';
import type { EventStream } from '../support/event-stream.ts';
import { freeSipPort } from '../support/free-ports.ts';
import { GatewayProcess, type Settings } from '../support/gateway-process.ts';
import { hasKamailio, Kamailio } from '../support/kamailio.ts';
import { orderDetails } from '../support/live-call.ts';
import { hasCommand, isRoot, Sipp, type SippOptions } from '../support/sipp.ts';

const root = join(import.meta.dirname, '..', '..');
const generator = join(root, 'sip-scenarios', 'make-card-pcap.mjs');
// SIPp sends a pcap by a raw socket, which is root's.
const here = hasKamailio() && hasCommand('sipp') && isRoot;

interface Desktop {
  readonly api: ApiClient;
  readonly events: EventStream;
}

let kamailio: Kamailio;
let gateways: GatewayProcess[];
let carrierPort: number;
let pbxPort: number;
/** One of the same agent at each gateway. */
let desktops: Desktop[];

/** The trunks and routes of the recipe, at the ports that Kamailio has here. */
function recipe(): Settings {
  const text = readFileSync(join(root, 'recipes', 'trunks', 'kamailio', 'tonelock.yaml'), 'utf8');
  const { trunks, routes } = parse(
    text.replaceAll(':5060', `:${kamailio.outside}`).replaceAll(':5062', `:${kamailio.inside}`),
  ) as Settings;
  return { trunks, routes };
}

beforeAll(async () => {
  if (!here) return;
  kamailio = await Kamailio.reserve();
  [carrierPort, pbxPort] = [await freeSipPort(), await freeSipPort()];
  const settings = { ...recipe(), drainSeconds: 60 };
  gateways = await Promise.all([0, 1].map(() => GatewayProcess.start({ agentPort: pbxPort, settings })));
  await kamailio.run([gateways.map(({ sip }) => sip.port), [carrierPort], [pbxPort]]);
  desktops = await Promise.all(
    gateways.map(async ({ http }) => {
      const api = new ApiClient(http, 'agent-1001');
      return { api, events: await api.events() };
    }),
  );
});

afterAll(async () => {
  for (const { events } of desktops ?? []) events.close();
  await kamailio?.stop();
  await Promise.all((gateways ?? []).map((gateway) => gateway.stop()));
});

/** At the PBX, and ready for calls. */
async function agent(calls = 1): Promise<Sipp> {
  const answering = new Sipp('agent-answers', { port: pbxPort, echo: true, calls });
  await answering.listening();
  return answering;
}

/** At the carrier. */
const customer = (scenario: string, more: Partial<SippOptions> = {}): Sipp =>
  new Sipp(scenario, {
    port: carrierPort,
    target: `127.0.0.1:${kamailio.outside}`,
    echo: true,
    ...more,
  });

async function wellEnded(...ends: Sipp[]): Promise<void> {
  for (const { status, errors } of await Promise.all(ends.map(({ finished }) => finished))) {
    expect(errors).not.toMatch(/Aborting|unexpected/i);
    expect(status).toBe(0);
  }
}

/** Calls that each gateway has had. */
const answered = (): number[] =>
  desktops.map(({ events }) => events.frames.filter(({ type }) => type === 'call.answered').length);
const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const flags = () => gateways.map(({ sip }) => kamailio.flagsOf(sip.port));

/** The desktop of the gateway that gets the next call, and that call. */
const nextCall = (since: readonly number[]): Promise<readonly [Desktop, string]> =>
  Promise.any(
    desktops.map(async (desktop, at) => {
      const { callId } = await desktop.events.next('call.answered', undefined, {
        since: since[at] ?? 0,
        withinMs: 20_000,
      });
      return [desktop, String(callId)] as const;
    }),
  );

async function pay({ api, events }: Desktop, callId: string): Promise<void> {
  const id = await api.openSession(callId);
  await api.details(id, orderDetails);
  for (const field of ['pan', 'cvc']) {
    await api.capture(id, field);
    await events.next('capture.completed', (frame) => frame['field'] === field, { withinMs: 20_000 });
    await events.next('capture.unlocked', (frame) => frame['field'] === field);
  }
  await api.authorise(id);
  expect(await events.next('payment.succeeded')).toMatchObject({ amount: orderDetails.amount });
}

describe.skipIf(!here)('two gateways behind the Kamailio of the recipe', () => {
  test('both answer its OPTIONS', async () => {
    await expect.poll(flags, { timeout: 10_000 }).toEqual(['AP', 'AP']);
  });

  test('a customer calls, keys a card by RTP events and pays; every request of both dialogs goes by Kamailio', async () => {
    const steps = ['4s', '4111111111111111', '4s', '737', '2s'];
    // Others play other sounds from the repository's folder at the same time.
    const scenarios = mkdtempSync(join(tmpdir(), 'tonelock-scenarios-'));
    copyFileSync(join(root, 'sip-scenarios', 'customer-plays.xml'), join(scenarios, 'customer-plays.xml'));
    const words = [generator, '--out', join(scenarios, 'generated', 'card.pcap'), ...steps];
    execFileSync(process.execPath, words, { stdio: 'ignore' });
    const answering = await agent();
    const before = kamailio.counted('rcv_requests_bye');
    const calling = customer('customer-plays', { scenarios, pauseMs: 14_500, echo: false });
    await pay(...(await nextCall(desktops.map(({ events }) => events.mark()))));
    await wellEnded(answering, calling);
    rmSync(scenarios, { recursive: true });
    // The customer's to the gateway, and the gateway's to the agent.
    expect(kamailio.counted('rcv_requests_bye') - before).toBe(2);
  });

  test('an agent calls a customer', async () => {
    const before = sum(answered());
    const callee = new Sipp('agent-answers', { port: carrierPort, echo: true });
    await callee.listening();
    const target = `127.0.0.1:${kamailio.inside}`;
    const calling = { port: pbxPort, target, user: '81312345678' };
    await wellEnded(callee, new Sipp('agent-calls-out', calling));
    expect(sum(answered())).toBe(before + 1);
  });

  test('a gateway that hangs costs a call a second and a half, and no call is lost', async () => {
    const before = answered();
    gateways[0]?.signal('SIGSTOP');
    try {
      const answering = await agent(2);
      await wellEnded(answering, customer('customer-plain', { calls: 2, more: ['-r', '10', '-rp', '1000'] }));
      expect(answered()).toEqual([before[0], (before[1] ?? 0) + 2]);
      await expect.poll(() => flags()[0], { timeout: 15_000 }).toBe('IP');
    } finally {
      gateways[0]?.signal('SIGCONT');
    }
    await expect.poll(() => flags()[0], { timeout: 15_000 }).toBe('AP');
  });

  test('who is on none of its lists gets not a word', async () => {
    const before = answered();
    const stranger = customer('customer-plain', { port: await freeSipPort(), timeoutMs: 3_000 });
    expect((await stranger.finished).status).not.toBe(0);
    expect(answered()).toEqual(before);
  });

  test('a gateway that drains keeps its call and gets no new one', async () => {
    const before = answered();
    const answering = await agent(2);
    const staying = customer('customer-plain', { pauseMs: 6_000 });
    await expect.poll(() => sum(answered()), { timeout: 10_000 }).toBe(sum(before) + 1);
    const leaving = answered().findIndex((count, at) => count !== before[at]);
    gateways[leaving]?.signal('SIGTERM');
    await expect.poll(() => flags()[leaving], { timeout: 5_000 }).toBe('IP');
    await staying.finished;
    const [stays] = [1 - leaving];
    const between = answered();
    await wellEnded(staying, customer('customer-plain'), answering);
    expect(answered()[stays]).toBe((between[stays] ?? 0) + 1);
    expect(await gateways[leaving]?.exited).toBe(0);
  });
});
