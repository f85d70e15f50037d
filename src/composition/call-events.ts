import type { AgentApi } from '../agent/agent-api.ts';
import type { WebhookDesk } from '../agent/webhooks/webhook-desk.ts';
import type { Telemetry } from '../observability/telemetry.ts';
import type { SessionDesk } from '../payment/session-desk.ts';
import type { SessionEvent } from '../payment/session-event.ts';
import type { CallId, SessionId } from '../shared/ids.ts';
import type { CallSink, CallSubject, MediaReports } from '../telephony/call-ports.ts';
import type { CallRegistry } from '../telephony/call-registry.ts';
import type { Ending } from '../telephony/call-state.ts';
import type { CallEvent } from '../telephony/call-view.ts';

/** Spreads what happens to calls and in sessions: to payments, to panels, to log and metrics. */
export class CallEvents implements CallSink {
  readonly #registry: CallRegistry;
  readonly #telemetry: Telemetry;
  #desk: SessionDesk | undefined;
  #api: AgentApi | undefined;
  #webhooks: WebhookDesk | undefined;

  constructor(registry: CallRegistry, telemetry: Telemetry) {
    this.#registry = registry;
    this.#telemetry = telemetry;
  }

  /** The desk whose sessions end with their calls. */
  serve(desk: SessionDesk): void {
    this.#desk = desk;
  }

  publishTo(api: AgentApi): void {
    this.#api = api;
  }

  tellTo(webhooks: WebhookDesk): void {
    this.#webhooks = webhooks;
  }

  started(call: CallSubject): void {
    const { facts, view } = this.#about(call);
    this.#telemetry.callStarted(facts);
    this.#publish(call.agent, call.id, { type: 'call.started', ...facts, call: view });
  }

  answered(call: CallSubject): void {
    const { facts, view } = this.#about(call);
    this.#telemetry.callAnswered(facts);
    this.#publish(call.agent, call.id, { type: 'call.answered', ...facts, call: view });
  }

  transferred(call: CallSubject, from: string): void {
    this.#registry.admitReader(call.id, call.agent);
    const { facts, view } = this.#about(call);
    this.#telemetry.callTransferred(facts, from);
    this.#publish([from, call.agent], call.id, { type: 'call.transferred', ...facts, call: view, from });
  }

  ending(call: CallSubject, ending: Ending): void {
    this.#desk?.callEnded(call.id, ending.by, ending.reason);
  }

  ended(call: CallSubject, ending: Ending, media: MediaReports | undefined): void {
    const { facts, view } = this.#about(call);
    this.#registry.remove(call.id);
    this.#telemetry.callEnded(facts, ending.by, ending.reason, media);
    const { by, reason } = ending;
    const ended = { type: 'call.ended', ...facts, call: view, by, reason, media: media ?? null } as const;
    this.#publish(call.agent, call.id, ended);
  }

  oddity(call: CallSubject, what: string): void {
    this.#telemetry.callOddity(call.id, what);
  }

  /** `owed`: receivers outside are owed it already, with the outcome that it tells of. */
  ofSession(agent: string, callId: CallId, sessionId: SessionId, event: SessionEvent, owed = false): void {
    this.#telemetry.sessionEvent(callId, sessionId, event);
    this.#api?.publish(agent, event, { callId, sessionId });
    if (!owed) this.#webhooks?.publish(event, { callId, sessionId });
  }

  #publish(agents: string | string[], callId: CallId, event: CallEvent): void {
    this.#api?.publish(agents, event, { callId, sessionId: null });
    this.#webhooks?.publish(event, { callId, sessionId: null });
  }

  #about(call: CallSubject) {
    const view = this.#registry.view(call);
    return { view, facts: { callId: call.id, agent: call.agent, direction: view.direction } };
  }
}
