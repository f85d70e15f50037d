import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { ApiClient } from '../support/api-client.ts';
import type { EventStream } from '../support/event-stream.ts';
import { GatewayProcess, type Settings } from '../support/gateway-process.ts';
import { hasCommand, Sipp, type SippOptions } from '../support/sipp.ts';

const recipe = join(import.meta.dirname, '..', '..', 'recipes', 'trunks', 'carrier', 'tonelock.yaml');

/** Addresses of the recipe, in the net of this machine that needs no interface; its ports are the recipe's own. */
const here = (text: string): string =>
  text.replaceAll('198.51.100.', '127.51.100.').replaceAll('203.0.113.', '127.113.0.');
const gatewayAt = here('203.0.113.10');
const pbxAt = here('203.0.113.20');
const carrierAt = here('198.51.100.2');

let gateway: GatewayProcess;
let events: EventStream;

beforeAll(async () => {
  const { sip, media, trunks, routes } = parse(here(readFileSync(recipe, 'utf8'))) as Settings;
  gateway = await GatewayProcess.start({ agentPort: 5060, settings: { sip, media, trunks, routes } });
  events = await new ApiClient(gateway.http, 'agent-1001').events();
});
afterAll(async () => {
  events?.close();
  await gateway?.stop();
});

/** Where the recipe says that it is, with its port. */
const at = (address: string, scenario: string, more: Partial<SippOptions> = {}): Sipp =>
  new Sipp(scenario, { address, port: 5060, echo: true, ...more });

/** Who calls speaks from any port of its address: the recipe knows it by that alone. */
const calling = (address: string, scenario: string, more: Partial<SippOptions> = {}): Sipp =>
  at(address, scenario, { port: 5070, target: `${gatewayAt}:5060`, ...more });

async function wellEnded(...ends: Sipp[]): Promise<void> {
  for (const { status, errors } of await Promise.all(ends.map(({ finished }) => finished))) {
    expect(errors).not.toMatch(/Aborting|unexpected/i);
    expect(status).toBe(0);
  }
}

const directions = (): unknown[] =>
  events.frames.filter(({ type }) => type === 'call.answered').map((frame) => frame['direction']);

describe.skipIf(!hasCommand('sipp'))('with the recipe of a carrier trunk', () => {
  test('customers’ calls go from the carrier to the PBX, agents’ from the PBX to the carrier', async () => {
    const pbx = at(pbxAt, 'agent-answers');
    await pbx.listening();
    await wellEnded(pbx, calling(carrierAt, 'customer-plain'));
    const carrier = at(carrierAt, 'agent-answers');
    await carrier.listening();
    await wellEnded(carrier, calling(pbxAt, 'agent-calls-out', { user: '81312345678' }));
    expect(directions()).toEqual(['inbound', 'outbound']);
  });

  test('a neighbour of the carrier’s addresses, which is none of them, hears not a word', async () => {
    const stranger = calling(here('198.51.100.16'), 'customer-plain', { timeoutMs: 2_000 });
    expect((await stranger.finished).status).toBe('SIGKILL');
    expect(directions()).toHaveLength(2);
  });
});
