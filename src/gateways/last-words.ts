import type { AgentEvent } from '../agent/frame.ts';
import type { SessionView } from '../payment/session-view.ts';
import { cardFields } from '../shared/card-field.ts';
import type { HeldCall } from './bus-entry.ts';

/**
 * What agents are told of a call whose gateway is dead, in the order in which it would have said so itself: its field has
 * failed, its session is closed, the call is over. Whether money moved stands in the storage and is told by whoever takes
 * that over.
 */
export function lastWords({ call, session }: HeldCall): AgentEvent[] {
  const { agent, direction } = call;
  const ended = { ...call, state: 'ended', sessionId: null } as const;
  const over: AgentEvent = {
    ...{ type: 'call.ended', agent, direction, call: ended },
    ...{ by: 'gateway', reason: 'media-lost', media: null },
  };
  return session === null ? [over] : [...ofSession(session), over];
}

function ofSession(session: SessionView): AgentEvent[] {
  const capturing = cardFields.find((name) => name === session.capturing);
  const failed: AgentEvent[] =
    capturing === undefined ? [] : [{ type: 'capture.failed', field: capturing, reason: 'media-lost' }];
  return [...failed, { type: 'session.closed', session: closedView(session), by: 'gateway' }];
}

/** The room that held the card is gone, and with it what was being keyed; what was at the provider nobody knows, and a quote is void. */
function closedView(session: SessionView): SessionView {
  const fields = Object.entries(session.fields).map(([name, field]) => {
    const failed = { state: 'failed', digits: 0, mask: '', reason: 'media-lost' } as const;
    return [name, field.state === 'capturing' ? { ...field, ...failed } : field];
  });
  const lost = session.surcharge === null ? ('unknown' as const) : ('cancelled' as const);
  const payments = session.payments.map((payment) =>
    payment.state === 'authorising' ? { ...payment, state: lost } : payment,
  );
  return {
    ...session,
    state: 'closed',
    fields: Object.fromEntries(fields),
    payments,
    ...{ locked: false, capturing: null, surcharge: null, can: [] },
  };
}
