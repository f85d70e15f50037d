import type { Clock } from '../../shared/clock.ts';
import { responseTo } from '../message/response-to.ts';
import { noBody, noHeaders, type SipRequest, type SipResponse } from '../message/sip-message.ts';
import { newToken, newUuid } from '../message/token.ts';
import { type Flow, isReliable } from '../transport/flow.ts';
import { type InviteServerState, startInviteServer, stepInviteServer } from './invite-server.ts';
import { responseClass } from './machine.ts';
import { type NonInviteServerState, startNonInviteServer, stepNonInviteServer } from './non-invite-server.ts';
import type { ServerEffect, ServerEvent, ServerStep } from './server-machine.ts';
import { TimerSet } from './timer-set.ts';

/** Who answers the request. All of it is optional news: the transaction ends by itself. */
export interface ServerTransactionUser {
  /** An ACK for a 2xx that came with the INVITE's own branch. */
  onAck?(ack: SipRequest): void;
  /** Nobody answered the INVITE in time; it has been answered 408. */
  onUnanswered?(): void;
  onEnd?(): void;
}

export interface ServerTransactionContext {
  readonly clock: Clock;
  readonly unansweredMs: number;
  readonly ringingMs: number;
  transmit(message: SipResponse, flow: Flow, failed: () => void): void;
  retransmitted(direction: 'in' | 'out'): void;
  timedOut(): void;
  strayEvent(): void;
  ended(transaction: ServerTransaction): void;
}

export interface ServerKeys {
  readonly key: string;
  readonly mergeKey: string | undefined;
}

const nobody: ServerTransactionUser = {};

type Machine = InviteServerState | NonInviteServerState;

/** One request of somebody else: a machine, its timers and the way back. */
export class ServerTransaction {
  readonly id: string = newUuid();
  /** Under which the same request, its ACK and its CANCEL find it, and another copy that came by another way. */
  readonly key: string;
  readonly mergeKey: string | undefined;
  readonly flow: Flow;
  user: ServerTransactionUser = nobody;
  #request: SipRequest;
  readonly #context: ServerTransactionContext;
  readonly #timers: TimerSet;
  #state: Machine = { name: 'terminated' };
  #response: SipResponse | undefined;
  #ack: SipRequest | undefined;
  readonly #failed = (): void => {
    if (this.#state.name !== 'terminated') this.#feed({ kind: 'transport-failure' });
  };

  constructor(request: SipRequest, flow: Flow, keys: ServerKeys, context: ServerTransactionContext) {
    this.#request = request;
    this.key = keys.key;
    this.mergeKey = keys.mergeKey;
    this.flow = flow;
    this.#context = context;
    this.#timers = new TimerSet(context.clock, (timer) => this.#feed({ kind: 'timer', timer }));
  }

  /** Of an accepted INVITE, which stays for half a minute, no more than its start line. */
  get request(): SipRequest {
    return this.#request;
  }

  get state(): Machine['name'] {
    return this.#state.name;
  }

  /** Whether a final response can still be given. */
  get open(): boolean {
    return this.#state.name === 'trying' || this.#state.name === 'proceeding';
  }

  start(): void {
    const reliable = isReliable(this.flow.protocol);
    this.#take(
      this.request.method === 'INVITE'
        ? startInviteServer(reliable, this.#context.unansweredMs, this.#context.ringingMs)
        : startNonInviteServer(reliable),
    );
  }

  /** The request came again. */
  repeat(): void {
    this.#context.retransmitted('in');
    this.#feed({ kind: 'request' });
  }

  acknowledge(ack: SipRequest): void {
    this.#ack = ack;
    this.#feed({ kind: 'ack' });
    this.#ack = undefined;
  }

  /** Sends a response; false if the transaction takes none of this kind any more (then nothing was sent). */
  respond(response: SipResponse): boolean {
    const before = this.#response;
    this.#response = response;
    const taken = this.#feed({
      kind: 'respond',
      class: response.status === 100 ? 'trying' : responseClass(response.status),
    });
    if (!taken) this.#response = before;
    else if (this.#state.name === 'accepted') this.#letGo();
    return taken;
  }

  dispose(): void {
    this.#timers.stopAll();
    this.#state = { name: 'terminated' };
  }

  /** RFC 6026 §7.1: whoever gave the 2xx repeats it, and an INVITE that comes again is absorbed. */
  #letGo(): void {
    this.#request = { ...this.#request, headers: noHeaders, body: noBody };
    this.#response = undefined;
  }

  #feed(event: ServerEvent): boolean {
    const step: ServerStep<Machine> | undefined =
      this.request.method === 'INVITE'
        ? stepInviteServer(this.#state as InviteServerState, event)
        : stepNonInviteServer(this.#state as NonInviteServerState, event);
    if (step === undefined) {
      this.#context.strayEvent();
      return false;
    }
    if (event.kind === 'timer' && event.timer === 'G') this.#context.retransmitted('out');
    this.#take(step);
    return true;
  }

  #take(step: ServerStep<Machine>): void {
    this.#state = step.state;
    if (step.state.name === 'terminated') this.#timers.stopAll();
    for (const effect of step.effects) this.#perform(effect);
    if (step.state.name !== 'terminated') return;
    this.#context.ended(this);
    this.user.onEnd?.();
  }

  #perform(effect: ServerEffect): void {
    switch (effect.kind) {
      case 'start-timer':
      case 'stop-timer':
        this.#timers.apply(effect);
        break;
      case 'send-response':
        if (this.#response !== undefined) this.#transmit(this.#response);
        break;
      case 'deliver-ack':
        if (this.#ack !== undefined) this.user.onAck?.(this.#ack);
        break;
      case 'report':
        if (effect.what === 'unanswered') {
          this.respond(responseTo(this.request, 408, { toTag: newToken() }));
          this.user.onUnanswered?.();
        } else if (effect.what === 'timeout') this.#context.timedOut();
        break;
    }
  }

  #transmit(response: SipResponse): void {
    this.#context.transmit(response, this.flow, this.#failed);
  }
}
