import type { Clock } from '../../shared/clock.ts';
import { ownText } from '../message/own-text.ts';
import { noBody, type SipRequest, type SipResponse } from '../message/sip-message.ts';
import { type Flow, isReliable } from '../transport/flow.ts';
import type { ClientEffect, ClientEvent, ClientStep } from './client-machine.ts';
import { acknowledgementOf } from './hop-request.ts';
import { type InviteClientState, startInviteClient, stepInviteClient } from './invite-client.ts';
import { responseClass } from './machine.ts';
import { type NonInviteClientState, startNonInviteClient, stepNonInviteClient } from './non-invite-client.ts';
import { TimerSet } from './timer-set.ts';
import { clientKey } from './transaction-key.ts';

/** Who sent the request. Exactly one of `onTimeout`, `onTransportFailure` or a final `onResponse` ends the wait. */
export interface ClientTransactionUser {
  /** 1xx, and the final response once; a 2xx to an INVITE again whenever it comes again, from any branch. */
  onResponse(response: SipResponse, flow: Flow): void;
  onTimeout(): void;
  onTransportFailure(): void;
  /** The other side rings past the limit: cancel. Without a CANCEL it ends in a timeout. */
  onRingsTooLong?(): void;
}

export interface ClientTransactionContext {
  readonly clock: Clock;
  readonly ringingMs: number;
  transmit(message: SipRequest, flow: Flow, failed: () => void): void;
  retransmitted(): void;
  timedOut(): void;
  strayEvent(): void;
  ended(transaction: ClientTransaction): void;
}

type Machine = InviteClientState | NonInviteClientState;

/** One request of ours on its way: a machine, its timers and its flow. */
export class ClientTransaction {
  /** Under which answers find it. */
  readonly key: string;
  readonly flow: Flow;
  readonly #user: ClientTransactionUser;
  readonly #context: ClientTransactionContext;
  readonly #timers: TimerSet;
  #request: SipRequest;
  #state: Machine;
  #sent = false;
  #response: { readonly message: SipResponse; readonly flow: Flow } | undefined;

  constructor(request: SipRequest, flow: Flow, user: ClientTransactionUser, context: ClientTransactionContext) {
    this.#request = request;
    this.key = ownText(clientKey(request));
    this.flow = flow;
    this.#user = user;
    this.#context = context;
    this.#timers = new TimerSet(context.clock, (timer) => this.#feed({ kind: 'timer', timer }));
    this.#state = { name: 'terminated' };
  }

  /** Of an accepted INVITE, which is not sent again and stays for half a minute, without its body. */
  get request(): SipRequest {
    return this.#request;
  }

  get state(): Machine['name'] {
    return this.#state.name;
  }

  /** Sends the request for the first time. */
  start(): void {
    const reliable = isReliable(this.flow.protocol);
    this.#take(
      this.request.method === 'INVITE'
        ? startInviteClient(reliable, this.#context.ringingMs)
        : startNonInviteClient(reliable),
    );
  }

  receive(response: SipResponse, flow: Flow): void {
    this.#response = { message: response, flow };
    this.#feed({ kind: 'response', class: responseClass(response.status) });
    // It was passed on and acknowledged; the transaction stays for half a minute.
    this.#response = undefined;
    if (this.#state.name === 'accepted') this.#request = { ...this.#request, body: noBody };
  }

  /** A CANCEL for this INVITE went out. */
  cancelled(): void {
    this.#feed({ kind: 'cancelled' });
  }

  /** Forgets the transaction without a word to anybody. */
  dispose(): void {
    this.#timers.stopAll();
    this.#state = { name: 'terminated' };
  }

  #feed(event: ClientEvent): void {
    const step: ClientStep<Machine> | undefined =
      this.request.method === 'INVITE'
        ? stepInviteClient(this.#state as InviteClientState, event)
        : stepNonInviteClient(this.#state as NonInviteClientState, event);
    if (step === undefined) this.#context.strayEvent();
    else this.#take(step);
  }

  #take(step: ClientStep<Machine>): void {
    this.#state = step.state;
    if (step.state.name === 'terminated') {
      this.#timers.stopAll();
      this.#context.ended(this);
    }
    for (const effect of step.effects) this.#perform(effect);
  }

  #perform(effect: ClientEffect): void {
    switch (effect.kind) {
      case 'start-timer':
      case 'stop-timer':
        this.#timers.apply(effect);
        break;
      case 'send-request':
        if (this.#sent) this.#context.retransmitted();
        this.#sent = true;
        this.#transmit(this.#request);
        break;
      case 'send-ack':
        if (this.#response !== undefined) this.#transmit(acknowledgementOf(this.#request, this.#response.message));
        break;
      case 'deliver':
        if (this.#response !== undefined) this.#user.onResponse(this.#response.message, this.#response.flow);
        break;
      case 'report':
        this.#report(effect.what);
        break;
    }
  }

  #report(what: 'timeout' | 'transport-failure' | 'rings-too-long'): void {
    if (what === 'rings-too-long') {
      this.#user.onRingsTooLong?.();
    } else if (what === 'timeout') {
      this.#context.timedOut();
      this.#user.onTimeout();
    } else this.#user.onTransportFailure();
  }

  #transmit(message: SipRequest): void {
    this.#context.transmit(message, this.flow, () => {
      if (this.#state.name !== 'terminated') this.#feed({ kind: 'transport-failure' });
    });
  }
}
