import type { AgentApi } from '../agent/agent-api.ts';
import type { SipServer } from '../sip-server/sip-server.ts';
import type { DemoPlan } from './demo-plan.ts';

/** Lines for whoever started the gateway: where what is. */
export function addresses(api: AgentApi, sip: SipServer | undefined, demo: DemoPlan): string[] {
  const web = `http://${api.address.host}:${api.address.port}`;
  const points = sip?.listenPoints.map((point) => `${point.protocol}/${point.address}:${point.port}`) ?? [];
  return [
    'tonelock is ready',
    `  agent panel   ${web}/panel/`,
    ...(demo.enabled ? [`  demo          ${web}/demo/`] : []),
    ...(points.length > 0 ? [`  SIP           ${points.join(' ')}`] : []),
  ];
}
