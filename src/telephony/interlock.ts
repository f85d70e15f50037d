import type { LegSide } from '../shared/leg-side.ts';
import type { SdpFacts } from './sdp-facts.ts';
import type { SipHeaders } from './sip-port.ts';

/** A refusal with the words that tell the agent's telephone why. */
export interface Refusal {
  readonly status: 488 | 603;
  readonly headers: SipHeaders;
}

const words = 'a card payment is open on this call';

/** 399 is the warning code for free text (RFC 3261 §20.43). */
const notAcceptable: Refusal = { status: 488, headers: { Warning: `399 tonelock "${words}"` } };
const declined: Refusal = { status: 603, headers: { Reason: `SIP;cause=603;text="${words}"` } };

/**
 * While a payment session is open the agent's side may neither hold the call (P-09), move its media (how telephone systems
 * build a conference, P-12, or return a call to the queue, P-11) nor transfer it (P-10). The customer's telephone may do
 * what it likes: nothing it does brings a digit to the agent.
 * @returns undefined when the description may pass.
 */
export function refuseOffer(
  engaged: boolean,
  from: LegSide,
  running: SdpFacts | undefined,
  offered: SdpFacts | undefined,
): Refusal | undefined {
  if (!engaged || from === 'caller' || offered === undefined) return undefined;
  if (offered.hold) return notAcceptable;
  return running !== undefined && running.mediaAddress !== offered.mediaAddress ? notAcceptable : undefined;
}

/** @returns undefined when the transfer may go on (P-10). */
export const refuseTransfer = (engaged: boolean): Refusal | undefined => (engaged ? declined : undefined);
