import { type CallEffect, type CallEvent, type CallFacts, end, type Step, type Transfer } from './call-state.ts';

/**
 * The answered state while a transferee is being called. The customer's leg and media are not touched at any time.
 *   transferee answers          its leg takes the place of the agent's; the old one gets a NOTIFY and a BYE
 *   transferee refuses          the agent learns it and keeps the call; if it has gone, the customer gets a BYE
 *   agent hangs up meanwhile    the transfer goes on
 *   customer hangs up meanwhile the transferee is cancelled, the agent gets a BYE
 */
export function whileTransferring(transfer: Transfer, event: CallEvent, facts: CallFacts): Step | undefined {
  const customer = facts.originSide === 'caller' ? 'origin' : 'target';
  const agent = customer === 'origin' ? 'target' : 'origin';
  const cancel: CallEffect = { do: 'cancelTransferee' };
  const stay = (effects: readonly CallEffect[]): Step => ({ state: { at: 'answered', transfer }, effects });
  switch (event.type) {
    case 'transfereeAnswered':
      return stay([{ do: 'adoptTransferee', answer: event.sdp }]);
    case 'transfereeAdopted':
      return {
        state: { at: 'answered', transfer: undefined },
        effects: [
          { do: 'reportTransfer', status: 200 },
          { do: 'completeTransfer', agent: transfer.agent },
        ],
      };
    case 'transfereeRefused':
      return transfer.referrerGone
        ? end({ by: 'agent', reason: 'transfer failed' }, [{ do: 'bye', leg: customer, reason: 'transfer failed' }])
        : {
            state: { at: 'answered', transfer: undefined },
            effects: [{ do: 'reportTransfer', status: event.status }],
          };
    case 'hungUp':
      if (event.side === agent) {
        return { state: { at: 'answered', transfer: { ...transfer, referrerGone: true } }, effects: [] };
      }
      return end({ by: 'caller', reason: event.reason }, [
        cancel,
        { do: 'bye', leg: agent, reason: 'other leg hung up' },
      ]);
    case 'gatewayEnds':
      return end({ by: 'gateway', reason: event.reason }, [
        cancel,
        { do: 'bye', leg: 'origin', reason: event.reason },
        { do: 'bye', leg: 'target', reason: event.reason },
      ]);
    default:
      return undefined;
  }
}
