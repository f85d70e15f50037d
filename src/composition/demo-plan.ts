import type { DemoControl } from '../agent/demo-control.ts';
import type { Config } from '../config/config-schema.ts';
import { startDemo } from '../demo/demo.ts';
import { isLoopback, parseListenAddress } from '../shared/listen-address.ts';
import type { SipServer } from '../sip-server/sip-server.ts';
import type { Route } from '../telephony/route-table.ts';
import type { Trunk } from '../telephony/trunk-table.ts';
import type { Opened } from './opened.ts';
import { underKey } from './start-fault.ts';

/** The agent for whom the demo's panel opens. */
const demoAgent = '1001';

/** A trunk and a route of the demo's own, so that port 5070 of the default route stays free for a telephone of yours. */
export interface DemoPlan {
  readonly enabled: boolean;
  readonly trunks: readonly Trunk[];
  readonly routes: readonly Route[];
  readonly customer: string;
  readonly agent: string;
}

/** On by default where everything is embedded and on loopback; never elsewhere. */
export function demoPlan(config: Config): DemoPlan {
  const { customer, agent } = config.demo;
  const fits =
    config.sip.server === 'embedded' &&
    config.agents.tokens === 'simulated' &&
    isLoopback(parseListenAddress(config.http.listen).host);
  const enabled = fits && (config.demo.enabled ?? true);
  return {
    enabled,
    trunks: enabled ? [{ name: 'demo', side: 'customer', peers: [customer] }] : [],
    routes: enabled ? [{ from: 'demo', to: `sip:${demoAgent}@${agent}`, agent: demoAgent }] : [],
    customer,
    agent,
  };
}

/** Starts the simulated telephones against the gateway's first UDP listen point. */
export async function startDemoPhones(
  plan: DemoPlan,
  listenPoints: SipServer['listenPoints'],
  opened: Opened,
): Promise<DemoControl | undefined> {
  const point = listenPoints.find((candidate) => candidate.protocol === 'udp');
  if (!plan.enabled || point === undefined) return undefined;
  const { customer, agent } = plan;
  const gateway = `${point.address}:${point.port}`;
  const demo = await underKey('demo', () => startDemo({ gateway, customer, agent, agentName: demoAgent }));
  opened.add(() => demo.close());
  return demo;
}
