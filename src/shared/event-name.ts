/** Everything that panels and CRMs can be told (contract §5), in the words of the WebSocket and of webhooks. */
export const eventNames = [
  'call.started',
  'call.answered',
  'call.ended',
  'call.transferred',
  'session.opened',
  'session.changed',
  'session.closed',
  'capture.locked',
  'capture.progress',
  'capture.completed',
  'capture.failed',
  'capture.unlocked',
  'payment.authorising',
  'payment.surcharge',
  'payment.succeeded',
  'payment.declined',
  'payment.unknown',
  'payment.resolved',
  'payment.cancelled',
  'payment.refunded',
] as const;
export type EventName = (typeof eventNames)[number];
