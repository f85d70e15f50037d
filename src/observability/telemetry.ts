import type { SecuredInterval } from '../payment/card-room.ts';
import type { SessionEvent } from '../payment/session-event.ts';
import type { LegSide } from '../shared/leg-side.ts';
import type { Logs } from './logs.ts';
import type { Metrics } from './metrics.ts';

interface CallFacts {
  readonly callId: string;
  readonly agent: string;
  readonly direction: string;
}

interface LegCounts {
  readonly received: number;
  readonly sent: number;
  readonly lost: number;
  readonly jitterMs: number;
  readonly refused: number;
}

/** One function a business event: what is counted and what is written of it is decided here, and only here. */
export class Telemetry {
  readonly #logs: Logs;
  readonly #metrics: Metrics;
  readonly #lockedAt = new Map<string, number>();

  constructor(logs: Logs, metrics: Metrics) {
    this.#logs = logs;
    this.#metrics = metrics;
  }

  callStarted(call: CallFacts): void {
    this.#logs.calls.info(call, 'call started');
  }

  callAnswered(call: CallFacts): void {
    this.#logs.calls.info(call, 'call answered');
  }

  callEnded(
    call: CallFacts,
    by: string,
    reason: string,
    media: Readonly<Record<LegSide, LegCounts>> | undefined,
  ): void {
    this.#metrics.calls.inc({ direction: call.direction, ended_by: by });
    for (const leg of ['caller', 'agent'] as const) this.#countLeg(leg, media?.[leg]);
    this.#lockedAt.delete(call.callId);
    this.#logs.calls.info({ ...call, by, reason, media }, 'call ended');
  }

  callTurnedAway(reason: string): void {
    this.#metrics.turnedAway.inc({ reason });
    this.#logs.calls.warn({ reason }, 'call turned away');
  }

  callOddity(callId: string, what: string): void {
    this.#metrics.oddities.inc({ what });
    if (what === 'fault') this.#logs.calls.error({ callId }, 'a fault of ours ended the call');
    else this.#logs.calls.debug({ callId }, 'event without a meaning');
  }

  sipLink(up: boolean): void {
    this.#metrics.sip.inc({ event: up ? 'link-up' : 'link-down' });
    if (up) this.#logs.sip.info('linked to the SIP server');
    else this.#logs.sip.error('lost the SIP server');
  }

  sipEvent(event: string): void {
    this.#metrics.sip.inc({ event });
    this.#logs.sip.debug({ event }, 'sip');
  }

  apiEvent(event: string): void {
    this.#metrics.api.inc({ event });
    this.#logs.api.debug({ event }, 'api');
  }

  roomIncident(word: string, callId: string | null): void {
    this.#metrics.incidents.inc({ word });
    this.#logs.room.warn({ word, callId }, 'incident in the walled room');
  }

  roomLost(reason: string): void {
    this.#metrics.incidents.inc({ word: 'room-lost' });
    this.#logs.room.error({ reason }, 'the walled room is gone: its calls end');
  }

  /** What happens in payment sessions, masked as it is on the WebSocket. */
  sessionEvent(callId: string, sessionId: string, event: SessionEvent, psp: string): void {
    const about = { callId, sessionId };
    switch (event.type) {
      case 'session.opened':
      case 'session.closed':
        return this.#logs.payments.info({ ...about, by: event.by }, event.type);
      case 'session.changed':
        return this.#logs.payments.debug({ ...about, state: event.session.state }, event.type);
      case 'capture.locked':
        this.#lockedAt.set(callId, performance.now());
        return this.#logs.captures.info({ ...about, field: event.field }, event.type);
      case 'capture.progress':
        return this.#logs.captures.debug({ ...about, field: event.field, digits: event.digits }, event.type);
      case 'capture.completed':
        this.#metrics.digits.inc({ field: event.field }, event.digits);
        return this.#captureEnded(about, event.field, 'completed');
      case 'capture.failed':
        return this.#captureEnded(about, event.field, event.reason);
      case 'capture.unlocked':
        return this.#logs.captures.info({ ...about, field: event.field }, event.type);
      case 'payment.authorising':
      case 'payment.surcharge':
        return this.#logs.payments.info(about, event.type);
      case 'payment.succeeded':
      case 'payment.declined':
      case 'payment.unknown':
      case 'payment.resolved':
      case 'payment.cancelled':
        this.#metrics.payments.inc({ psp, outcome: event.type.slice('payment.'.length) });
        return this.#logs.payments.info({ ...about, psp, payment: event.payment.id }, event.type);
    }
  }

  securedInterval(interval: SecuredInterval): void {
    this.#metrics.suppressed.inc({ kind: 'audio' }, interval.audioSuppressed);
    this.#metrics.suppressed.inc({ kind: 'event' }, interval.eventsSuppressed);
  }

  #captureEnded(about: { callId: string; sessionId: string }, field: string, outcome: string): void {
    const lockedAt = this.#lockedAt.get(about.callId);
    this.#lockedAt.delete(about.callId);
    if (lockedAt !== undefined) this.#metrics.captureSeconds.observe({ field }, (performance.now() - lockedAt) / 1000);
    this.#metrics.captures.inc({ field, outcome });
    this.#logs.captures.info({ ...about, field, outcome }, 'capture ended');
  }

  #countLeg(leg: LegSide, counts: LegCounts | undefined): void {
    if (counts === undefined) return;
    for (const fate of ['received', 'sent', 'lost', 'refused'] as const) {
      this.#metrics.rtpPackets.inc({ leg, fate }, counts[fate]);
    }
    this.#metrics.rtpJitter.observe({ leg }, counts.jitterMs / 1000);
  }
}
