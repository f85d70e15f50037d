import { systemClock } from '../../../src/shared/clock.ts';
import type { LegSide } from '../../../src/shared/leg-side.ts';
import { type SipServer, startSipServer } from '../../../src/sip-server/sip-server.ts';
import { CallRegistry } from '../../../src/telephony/call-registry.ts';
import type { Route } from '../../../src/telephony/route-table.ts';
import { DrachtioStack } from '../../../src/telephony/sip/drachtio/drachtio-stack.ts';
import { EmbeddedStack } from '../../../src/telephony/sip/embedded/embedded-stack.ts';
import type { SipArrivals, SipPort } from '../../../src/telephony/sip-port.ts';
import { Switchboard } from '../../../src/telephony/switchboard.ts';
import { Side, until } from '../sip-server/two-servers.ts';
import { FakeMedia, sdp } from './fake-line.ts';

/** Media whose descriptions are descriptions: the SIP server wants to know what a body is. */
class DescribingMedia extends FakeMedia {
  override async describeOffer(call: string, leg: LegSide): Promise<string> {
    await super.describeOffer(call, leg);
    return sdp('127.0.0.1', 6000);
  }

  override async describeAnswer(call: string, leg: LegSide): Promise<string> {
    await super.describeAnswer(call, leg);
    return sdp('127.0.0.1', 6002);
  }
}

/** By which way the back-to-back agent stands on the server: in one process, or by drachtio's protocol. */
export const stacks = ['embedded', 'drachtio'] as const;
type StackKind = (typeof stacks)[number];

interface Stack extends SipPort {
  readonly connected: boolean;
  close(): void;
}

const none = (): void => undefined;
const observer = {
  ...{ linkUp: none, linkDown: none, linkSilent: none, linkRefused: none },
  ...{ dialogsLost: none, unreadable: none },
};

function stackOf(kind: StackKind, server: SipServer): Stack & { begin(arrivals: SipArrivals): void } {
  if (kind === 'embedded') {
    const stack = new EmbeddedStack(observer, 1800);
    return Object.assign(stack, { begin: (arrivals: SipArrivals) => stack.join(server, arrivals) });
  }
  const stack = new DrachtioStack(observer, 1800);
  const address = { host: '127.0.0.1', port: server.clientPort, secret: 'line' };
  return Object.assign(stack, { begin: (arrivals: SipArrivals) => stack.open(address, arrivals) });
}

/** The back-to-back agent on real SIP, with media that only says so; customers and agents are applications of their own. */
export class RealLine {
  readonly told: string[] = [];
  readonly media = new DescribingMedia();
  readonly registry = new CallRegistry();
  readonly customers: Side;
  readonly agents: Side;
  readonly #server: SipServer;
  readonly #stack: Stack;

  private constructor(server: SipServer, stack: Stack, customers: Side, agents: Side) {
    this.#server = server;
    this.#stack = stack;
    this.customers = customers;
    this.agents = agents;
  }

  static async open(kind: StackKind): Promise<RealLine> {
    const server = await startSipServer({
      listen: ['udp/127.0.0.1:0'],
      clients: { host: '127.0.0.1', port: 0 },
      secret: 'line',
      observer: { observe: () => undefined },
    });
    const stack = stackOf(kind, server);
    const line = new RealLine(server, stack, await Side.open(), await Side.open());
    stack.begin(line.#switchboard(stack));
    await until(() => [server, line.customers.server, line.agents.server].every((at) => at.counts().clients === 1));
    return line;
  }

  /** What customers and agents call. */
  uri(user: string): string {
    return `sip:${user}@127.0.0.1:${this.#server.listenPoints[0]?.port}`;
  }

  get dialogs(): number {
    return this.#server.counts().dialogs;
  }

  async close(): Promise<void> {
    this.#stack.close();
    await Promise.all([this.customers.close(), this.agents.close()]);
    await this.#server.close();
  }

  #switchboard(stack: Stack): Switchboard {
    const toAgents = `sip:{user}@127.0.0.1:${this.agents.port('udp')}`;
    const routes: Route[] = [
      { from: 'carrier', to: toAgents, agent: '{user}' },
      { from: 'pbx', user: '10*', to: toAgents, agent: '{fromUser}' },
      { from: 'pbx', to: `sip:{user}@127.0.0.1:${this.customers.port('udp')}`, agent: '{fromUser}' },
    ];
    return new Switchboard(
      {
        trunks: [
          { name: 'pbx', side: 'agent', peers: [`127.0.0.1:${this.agents.port('udp')}`] },
          { name: 'carrier', side: 'customer', peers: ['127.0.0.1/32'] },
        ],
        routes,
        limits: { calls: 10, callsPerSecond: 100 },
        media: this.media,
        clock: systemClock,
        registry: this.registry,
        sink: {
          started: () => undefined,
          answered: (call) => void this.told.push(`answered ${call.agent}`),
          transferred: (call, from) => void this.told.push(`transferred from ${from} to ${call.agent}`),
          ending: () => undefined,
          ended: (call, ending) => {
            this.told.push(`ended ${call.agent} by ${ending.by}`);
            this.registry.remove(call.id);
          },
          oddity: (_, what) => void this.told.push(what),
        },
        ready: () => true,
        turnedAway: (why) => void this.told.push(why),
      },
      stack,
    );
  }
}
