import type { Timer } from '../shared/clock.ts';
import type { CallId } from '../shared/ids.ts';
import type { LegSide } from '../shared/leg-side.ts';
import { SerialQueue } from '../shared/serial-queue.ts';
import { transition } from './call-machine.ts';
import type { CallPlan, CallPorts } from './call-ports.ts';
import { type CallEffect, type CallEvent, type CallFacts, type CallState, type Ending, factsBy } from './call-state.ts';
import type { CallView } from './call-view.ts';
import { LegEvents, type LegOwner } from './leg-events.ts';
import { LegReplacement } from './leg-replacement.ts';
import { OriginLeg } from './origin-leg.ts';
import { type Consultation, type ReferralRequest, takeReferral } from './referral.ts';
import { type RenegotiatedCall, Renegotiation } from './renegotiation.ts';
import { farEndOf, legNamed, type Replaces } from './replaces.ts';
import type { IncomingInvite, Responder, SipDialog, SipPort } from './sip-port.ts';
import { TargetLeg } from './target-leg.ts';
import { type ShownCaller, TransfereeLeg } from './transferee-leg.ts';

/** Nobody lets a telephone ring longer; a CANCEL that is never answered is given up after RFC 3261 §9.1's 64·T1. */
const ringLimitMs = 180_000;
const cancelLimitMs = 32_000;

/** One customer and one agent: the thin shell around the call machine. Everything that happens to it is put on its queue. */
export class Call implements RenegotiatedCall, LegOwner {
  readonly id: CallId;
  readonly queue = new SerialQueue();
  readonly originSide: LegSide;
  readonly renegotiation: Renegotiation;
  agent: string;
  /** True while a payment session is open on the call: the interlock (P-09…P-12). */
  engaged = false;

  readonly #ports: CallPorts;
  readonly #sip: SipPort;
  readonly #facts: CallFacts;
  readonly #dialogs = new Map<LegSide, SipDialog>();
  /** What an agent sees to whom the call is transferred: the customer as the caller, whoever called whom. */
  readonly #shown: ShownCaller;
  /** Until the call is answered: what it takes to get there is most of what there is of a call. */
  #origin: OriginLeg | undefined;
  #target: TargetLeg | undefined;
  #replacement: LegReplacement | undefined;
  #transferee: TransfereeLeg | undefined;
  #timer: Timer | undefined;
  #state: CallState = { at: 'start' };

  constructor(plan: CallPlan, invite: IncomingInvite, ports: CallPorts) {
    const { id, originSide, uri, headers, agentHeaders } = plan;
    const { user, fromUser, fromName } = invite;
    this.id = id;
    this.agent = plan.agent;
    this.originSide = originSide;
    this.#ports = ports;
    this.#sip = invite.way ?? ports.sip;
    this.#facts = factsBy[originSide];
    this.#shown =
      originSide === 'caller'
        ? { fromUser, fromName, headers: agentHeaders }
        : { fromUser: user, fromName: '', headers: agentHeaders };
    this.renegotiation = new Renegotiation(this, ports.media);
    const leg = (side: LegSide) => ({
      post: (event: CallEvent) => this.#post(event),
      eventsOf: () => this.#eventsOf(side),
      accepted: (dialog: SipDialog) => void this.#dialogs.set(side, dialog),
    });
    const { media } = ports;
    const { renegotiation } = this;
    this.#origin = new OriginLeg({
      id,
      srtp: plan.srtp,
      invite,
      media,
      renegotiation,
      ...this.#facts,
      ...leg(originSide),
    });
    const target = { uri, fromUser, fromName, headers };
    this.#target = new TargetLeg({ sip: this.#sip, target, ...leg(this.#facts.targetSide) });
  }

  /** Begins the call; its first effects run on the queue. */
  start(): void {
    this.#origin?.begin();
  }

  /** Ends the call from our side: media gone, gateway stopping, a limit. Twice is once. */
  end(reason: string): void {
    this.#post({ type: 'gatewayEnds', reason });
  }

  /** True while customer and agent can talk and nothing is about to change who the agent is. */
  get answered(): boolean {
    return this.running && this.#replacement?.underWay !== true;
  }

  get running(): boolean {
    return this.#state.at === 'answered' && this.#state.transfer === undefined;
  }

  get over(): boolean {
    return this.#state.at === 'ended' || this.#state.at === 'ending' || this.#state.at === 'cancelling';
  }

  dialogOf(side: LegSide): SipDialog | undefined {
    return this.#dialogs.get(side);
  }

  /** A leg's dialog is over. */
  hungUp(side: LegSide, reason: string): void {
    if (this.#replacement?.holdsBack(side, reason) !== true) this.#legHungUp(side, reason);
  }

  /** A leg asks for a transfer. */
  referred(request: ReferralRequest, responder: Responder): void {
    const { routeToAgent, consultation } = this.#ports;
    takeReferral(request, responder, {
      queue: this.queue,
      facts: () => ({
        engaged: this.engaged,
        answered: this.answered,
        routeToAgent,
        consultation: (replaces) => consultation(replaces, this.id),
      }),
      accepted: (judged) => {
        this.#dialogs.get('agent')?.notifyTransfer(100);
        return this.#dispatch({ type: 'referred', ...judged });
      },
    });
  }

  /** How to reach the far end of the dialog that a Replaces header means, when it is one of this call's. */
  consultation(replaces: Replaces): Consultation | undefined {
    const far = this.answered ? farEndOf(this.#dialogs, replaces) : undefined;
    return far && { engaged: this.engaged, ...far };
  }

  /** The leg whose dialog a Replaces header means, when it is one of this call's. */
  legNamed(replaces: Replaces): LegSide | undefined {
    return this.over ? undefined : legNamed(this.#dialogs, replaces);
  }

  /** An INVITE asks to be that leg from now on (RFC 3891). @param by the agent who calls, where it is the agent's. */
  replaceLeg(side: LegSide, invite: IncomingInvite, by: string): void {
    this.#replacement ??= new LegReplacement({
      queue: this.queue,
      renegotiation: this.renegotiation,
      engaged: () => this.engaged,
      answered: () => this.answered,
      eventsOf: (of) => this.#eventsOf(of),
      adopt: (of, dialog, agent) => this.#adopt(of, dialog, agent),
      hungUp: (of, reason) => this.#legHungUp(of, reason),
    });
    this.#replacement.begin(side, invite, by);
  }

  get view(): CallView {
    return {
      callId: this.id,
      direction: this.originSide === 'caller' ? 'inbound' : 'outbound',
      state: this.over ? 'ended' : this.#state.at === 'answered' ? 'answered' : 'ringing',
      agent: this.agent,
      sessionId: null,
      keysBy: [],
    };
  }

  #post(event: CallEvent): void {
    this.queue
      .must(() => this.#dispatch(event))
      .catch(() => {
        // A fault of ours must not leave a call that nobody can end.
        this.#ports.sink.oddity(this, 'fault');
        if (event.type !== 'gatewayEnds' && event.type !== 'settled') this.end('fault');
      });
  }

  async #dispatch(event: CallEvent): Promise<void> {
    const step = transition(this.#state, event, this.#facts);
    if (step === undefined) {
      this.#ports.sink.oddity(this, 'ignored-event');
      return;
    }
    this.#state = step.state;
    for (const effect of step.effects) await this.#perform(effect);
  }

  async #perform(effect: CallEffect): Promise<void> {
    const { sink, clock } = this.#ports;
    switch (effect.do) {
      case 'prepareMedia':
        return this.#origin?.prepare(effect.sdp);
      case 'dial':
        this.#arm(clock.after(ringLimitMs, () => this.#post({ type: 'ringLimit' })));
        return this.#target?.dial(effect.offer);
      case 'announceStart':
        return sink.started(this);
      case 'announceAnswer':
        this.#origin = undefined;
        this.#target = undefined;
        return sink.answered(this);
      case 'progressOrigin':
        return this.#origin?.progress(effect.status, effect.answer);
      case 'answerOrigin':
        this.#arm(undefined);
        return this.#origin?.answer(effect.answer);
      case 'rejectOrigin':
        return this.#origin?.reject(effect.status);
      case 'cancelTarget':
        this.#arm(clock.after(cancelLimitMs, () => this.#post({ type: 'targetRefused', status: 408 })));
        return this.#target?.cancel();
      case 'bye':
        if (effect.leg === 'transferee') return this.#transferee?.bye(effect.reason);
        return void this.#dialogs.get(this.#sideOf(effect.leg))?.bye(effect.reason);
      case 'dialTransferee':
        this.#transferee = this.#newTransferee();
        return this.#transferee.dial(effect.uri, effect.replaces);
      case 'cancelTransferee':
        return this.#transferee?.cancel();
      case 'adoptTransferee':
        return this.#transferee?.adopt(effect.answer);
      case 'completeTransfer':
        return this.#completeTransfer(effect.agent);
      case 'reportTransfer':
        return this.#dialogs.get('agent')?.notifyTransfer(effect.status);
      case 'settle':
        this.#arm(undefined);
        sink.ending(this, effect.ending);
        return this.#post({ type: 'settled' });
      case 'finish':
        return this.#finish(effect.ending);
    }
  }

  /** Made for each transfer, since most calls have none. */
  #newTransferee(): TransfereeLeg {
    return new TransfereeLeg({
      id: this.id,
      media: this.#ports.media,
      sip: this.#sip,
      post: (event) => this.#post(event),
      eventsOf: () => this.#eventsOf('agent'),
      shown: this.#shown,
    });
  }

  #completeTransfer(agent: string): void {
    const next = this.#transferee?.take();
    this.#transferee = undefined;
    this.renegotiation.note('agent', next?.sdp ?? null);
    this.#adopt('agent', next?.dialog, agent);
  }

  /** A new dialog takes the place of a leg's old one, whose last words mean nothing any more. */
  #adopt(side: LegSide, dialog: SipDialog | undefined, by: string): void {
    if (dialog !== undefined && this.over) return void dialog.bye('call over');
    const [old, from] = [this.#dialogs.get(side), this.agent];
    if (dialog !== undefined) this.#dialogs.set(side, dialog);
    void old?.bye(side === 'agent' ? 'transferred' : 'replaced');
    if (side === 'caller') return;
    this.agent = by;
    this.#ports.sink.transferred(this, from);
  }

  #eventsOf(side: LegSide): LegEvents {
    return new LegEvents(this, side);
  }

  #legHungUp(side: LegSide, reason: string): void {
    this.#post({ type: 'hungUp', side: side === this.originSide ? 'origin' : 'target', reason });
  }

  async #finish(ending: Ending): Promise<void> {
    this.#dialogs.clear();
    const report = await this.#ports.media.endCall(this.id).catch(() => undefined);
    this.#ports.sink.ended(this, ending, report);
  }

  #sideOf(leg: 'origin' | 'target'): LegSide {
    return leg === 'origin' ? this.#facts.originSide : this.#facts.targetSide;
  }

  #arm(timer: Timer | undefined): void {
    this.#timer?.cancel();
    this.#timer = timer;
  }
}
