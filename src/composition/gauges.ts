import type { AgentApi } from '../agent/agent-api.ts';
import type { WebhookDesk } from '../agent/webhooks/webhook-desk.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { RefundDesk } from '../payment/refund-desk.ts';
import type { SessionDesk } from '../payment/session-desk.ts';
import type { SipServer } from '../sip-server/sip-server.ts';
import type { CallRegistry } from '../telephony/call-registry.ts';
import type { Surroundings } from './circle.ts';
import type { RoomKeeper } from './room-keeper.ts';

export interface GaugedParts {
  readonly registry: CallRegistry;
  readonly desk: SessionDesk;
  readonly refunds: RefundDesk;
  readonly webhooks: WebhookDesk;
  readonly sip: SipServer | undefined;
  readonly api: AgentApi;
  readonly room: RoomKeeper;
  readonly around: Surroundings;
}

/** What stands at this moment. All of it but the sockets is zero when the last call is over. */
export function gauges(
  metrics: Metrics,
  { registry, desk, refunds, webhooks, sip, api, room, around }: GaugedParts,
): void {
  metrics.gauge('calls_active', 'Calls that ring or run', () => registry.size);
  metrics.gauge('sessions_open', 'Payment sessions', () => desk.counts().open);
  metrics.gauge('captures_active', 'Fields that take keys', () => desk.counts().capturing);
  metrics.gauge('calls_secured', 'Calls whose agent leg is locked', () => desk.counts().locked);
  metrics.gauge('payments_authorising', 'Payments at a provider', () => desk.counts().authorising);
  metrics.gauge('payments_unknown', 'Payments whose fate nobody knows yet', () => desk.counts().unknown);
  metrics.gauge('refunds_unknown', 'Refunds whose fate nobody knows yet', () => refunds.unknown);
  metrics.gauge('webhooks_owed', 'Events that receivers have not had yet', () => webhooks.size);
  metrics.gauge('room_requests', 'Requests to the walled room under way', () => room.requestsUnderWay);
  metrics.gauge('room_open', 'Whether the walled room is open', () => Number(room.open));
  metrics.gauge('ws_clients', 'Open WebSockets', () => api.counts().sockets);
  metrics.gauge('gateways_alive', 'Gateways that are known to live; 0 while the bus is away', () => around.alive());
  if (sip === undefined) return;
  metrics.gauge('sip_dialogs', 'Dialogs of the embedded SIP server', () => sip.counts().dialogs);
  metrics.gauge('sip_transactions', 'Transactions of the embedded SIP server', () => sip.counts().transactions);
  metrics.gauge('sip_connections', 'SIP connections over TCP', () => sip.counts().connections);
}
