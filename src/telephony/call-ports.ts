import type { Clock } from '../shared/clock.ts';
import type { CallId } from '../shared/ids.ts';
import type { LegSide } from '../shared/leg-side.ts';
import type { SrtpWishes } from '../shared/srtp-policy.ts';
import type { Ending } from './call-state.ts';
import type { CallView } from './call-view.ts';
import type { LegMediaReport, MediaPlane } from './media-plane.ts';
import type { Consultation } from './referral.ts';
import type { Routing } from './route-table.ts';
import type { SipHeaders, SipPort } from './sip-port.ts';

export interface CallPlan {
  readonly id: CallId;
  readonly agent: string;
  readonly originSide: LegSide;
  readonly uri: string;
  /** What the trunks and the route say of encryption, where they say anything. */
  readonly srtp: SrtpWishes;
  /** Headers for the leg that is called, and those for an agent to whom the call is transferred later. */
  readonly headers: SipHeaders;
  readonly agentHeaders: SipHeaders;
}

export type MediaReports = Readonly<Record<LegSide, LegMediaReport>>;

/** A call as those see it who are told of its life. */
export interface CallSubject {
  readonly id: CallId;
  readonly agent: string;
  readonly view: CallView;
}

/** Whoever wants to know of a call's life. Called on the call's queue; must not wait. */
export interface CallSink {
  started(call: CallSubject): void;
  answered(call: CallSubject): void;
  /** The agent's leg was replaced; `call.agent` is the new agent (P-10, P-70). */
  transferred(call: CallSubject, from: string): void;
  /** The call is over for payments: what they hold is to be wiped by work put on the call's queue now. */
  ending(call: CallSubject, ending: Ending): void;
  /** Nothing is left of the call. `media` is undefined when the media side could not tell any more. */
  ended(call: CallSubject, ending: Ending, media: MediaReports | undefined): void;
  /** An event that meant nothing in its state, or a fault of ours that ended the call. */
  oddity(call: CallSubject, what: 'ignored-event' | 'fault'): void;
}

export interface CallPorts {
  readonly media: MediaPlane;
  readonly sip: SipPort;
  readonly clock: Clock;
  readonly sink: CallSink;
  /** Where an agent is reached by the user part that a REFER names; undefined when no route leads there. */
  routeToAgent(user: string): Routing | undefined;
  /** The running call that holds the dialog named by a Replaces header, other than `except`. */
  consultation(replaces: string, except: CallId): Consultation | undefined;
}
