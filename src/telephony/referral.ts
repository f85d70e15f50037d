import type { LegSide } from '../shared/leg-side.ts';
import type { SerialQueue } from '../shared/serial-queue.ts';
import { refuseTransfer } from './interlock.ts';
import type { Routing } from './route-table.ts';
import type { Responder, SipHeaders } from './sip-port.ts';

/** A REFER as it came: who is to be called, and the dialog that is to be replaced there. */
export interface ReferralRequest {
  readonly side: LegSide;
  readonly user: string;
  readonly replaces: string | null;
}

/** The call of an agent who asks a colleague first, where it runs through this gateway, too. */
export interface Consultation {
  /** Whether a payment is open on that call. */
  readonly engaged: boolean;
  /** Where the colleague's telephone is, and how the dialog with us is called there. */
  readonly uri: string;
  readonly replaces: string;
}

export interface ReferralFacts {
  readonly engaged: boolean;
  readonly answered: boolean;
  routeToAgent(user: string): Routing | undefined;
  consultation(replaces: string): Consultation | undefined;
}

export type Judgement =
  | { readonly refused: number; readonly headers: SipHeaders | undefined }
  | { readonly uri: string; readonly agent: string; readonly replaces: string | null };

const refuse = (refused: number, headers?: SipHeaders): Judgement => ({ refused, headers });

/**
 * Only the agent transfers, and only to where a route or a call of its own leads: a REFER must not make us call anybody
 * (RFC 3515 §5). In an attended transfer the agent names its dialog with us; the colleague's telephone knows that call by
 * another name, which is put in its place.
 */
export function judgeReferral({ side, user, replaces }: ReferralRequest, facts: ReferralFacts): Judgement {
  if (side === 'caller') return refuse(603);
  const interlock = refuseTransfer(facts.engaged);
  if (interlock !== undefined) return refuse(interlock.status, interlock.headers);
  if (!facts.answered) return refuse(491);
  const consulted = replaces === null ? undefined : facts.consultation(replaces);
  const elsewhere = refuseTransfer(consulted?.engaged ?? false);
  if (elsewhere !== undefined) return refuse(elsewhere.status, elsewhere.headers);
  const routing = facts.routeToAgent(user);
  if (consulted !== undefined) {
    return { uri: consulted.uri, agent: routing?.agent ?? user, replaces: consulted.replaces };
  }
  return routing === undefined ? refuse(404) : { replaces, ...routing };
}

interface ReferralTaker {
  readonly queue: SerialQueue;
  facts(): ReferralFacts;
  accepted(judged: Exclude<Judgement, { readonly refused: number }>): Promise<void>;
}

/** Judges a REFER on the call's queue: of two at once, the second finds the first under way. */
export function takeReferral(request: ReferralRequest, responder: Responder, taker: ReferralTaker): void {
  const transfer = async (): Promise<void> => {
    const judged = judgeReferral(request, taker.facts());
    if ('refused' in judged) return responder.refuse(judged.refused, judged.headers);
    responder.acceptLater();
    await taker.accepted(judged);
  };
  taker.queue.run(transfer).catch(() => responder.refuse(503));
}
